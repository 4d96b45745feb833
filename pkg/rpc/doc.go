// Package rpc is the mall's way to speak gRPC: the one server builder, the one client builder, the one place where errors become
// statuses, page tokens, and a transparent proxy.
//
// What a call passes on its way in, outermost first, and why in this order:
//
//	tracing     the span covers all of the rest
//	metrics     counts what the client sees, refused calls included
//	access log  sees the final code and, unlike the client, its cause
//	deadline    everything below works under it
//	drain       streams only: their context ends when the server starts to drain
//	answer      errors and panics become statuses; nothing below it can leak a text
//	limit       a busy server refuses before it does any work for the call
//	extra       ServerConfig.UnaryInterceptors and StreamInterceptors: who calls and how often, at the edge; they answer with Refusal
//	validation  a handler never sees a request that breaks the contract's field rules
//
// With ServerConfig.TLS and ClientConfig.TLS connections are encrypted; both are asked at each handshake, so that certificates may be
// renewed under a server that serves. Package certs reads them from files.
//
// What is registered by way of an idempotency.Registrar has its guard of repeated requests below all of these, around the handler.
package rpc
