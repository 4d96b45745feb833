// Package api holds the contracts of the mall: the gRPC services and the messages between services, as protobuf sources with
// their generated Go code beside them. See README.md.
package api

//go:generate buf generate
