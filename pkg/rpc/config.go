package rpc

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
)

// MaxRecvMsgSize bounds one message, in bytes, on servers, clients and the proxy alike. It is gRPC's own default, written down so that
// all hops agree: a page of 100 aggregates of 10 KiB each uses a quarter of it.
const MaxRecvMsgSize = 4 << 20

const (
	// maxHeaderBytes bounds the metadata of one call: traces, a request id and a few more entries need under 2 KiB.
	maxHeaderBytes = 32 << 10
	// handshakeTimeout ends connections that never finish their handshake.
	handshakeTimeout = 10 * time.Second

	// DefaultTimeout is the deadline of a unary call whose caller set none: far beyond any use case's time, and short enough that
	// forgotten calls do not pile up.
	DefaultTimeout = 10 * time.Second
	// defaultMaxUnary: at a usual 10 ms a call it is 100,000 calls a second, beyond what one process can do; more in flight is a jam.
	defaultMaxUnary = 1024
	// defaultMaxStreams: a waiting stream costs some 20 KiB and no work.
	defaultMaxStreams = 8192
	// defaultGrace is above DefaultTimeout, so that every unary call in flight can end, and below the 30 s after which Kubernetes kills.
	defaultGrace = 15 * time.Second
	// defaultMaxConnectionAge makes clients connect again, and so see new replicas, within minutes (gRPC adds a jitter of 10 %).
	defaultMaxConnectionAge = 5 * time.Minute
	// connectionAgeGrace is how long the calls on an aged connection may still take; streams that are longer resume elsewhere.
	connectionAgeGrace = 5 * time.Minute
	// minPing is the shortest interval between keepalive pings that a client may choose; clientPing must be above it.
	minPing = 10 * time.Second
	// serverPing and pingTimeout find dead clients, whose streams would else hold their place until TCP gives up (some 15 minutes).
	serverPing  = time.Minute
	pingTimeout = 10 * time.Second
	// streamSlack leaves room for health checks and reflection above the limits of one connection.
	streamSlack = 64
)

// ServerConfig says how a server is built. The zero value works.
type ServerConfig struct {
	// Logger gets the access log; nil: slog.Default().
	Logger *slog.Logger
	// Registerer gets the metrics; nil: they are kept nowhere. Several servers may share one.
	Registerer prometheus.Registerer
	// TLS gives the settings of each handshake, so that certificates may change; nil where the network encrypts (a mesh) or needs no
	// encryption. See package certs.
	TLS func() *tls.Config
	// Reflection lets grpcurl and the like ask for the contracts; with Unknown it also lists the mall's services behind the proxy.
	Reflection bool
	// Unknown answers the methods that are not registered, usually NewProxy; nil: UNIMPLEMENTED.
	Unknown grpc.StreamHandler

	// DefaultTimeout is the deadline of unary calls whose caller set none.
	DefaultTimeout time.Duration
	// MaxUnary and MaxStreams bound the calls in flight; more are refused with RESOURCE_EXHAUSTED, SERVER_BUSY. Health checks are free.
	MaxUnary, MaxStreams int
	// Grace is how long calls in flight may take when the server drains.
	Grace time.Duration
	// MaxConnectionAge is how long a client may stay on one connection.
	MaxConnectionAge time.Duration

	// UnaryInterceptors and StreamInterceptors run after the limit and before validation; their errors are mapped like a handler's.
	UnaryInterceptors  []grpc.UnaryServerInterceptor
	StreamInterceptors []grpc.StreamServerInterceptor
}

func (c *ServerConfig) setDefaults() {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Registerer == nil {
		c.Registerer = prometheus.NewRegistry()
	}
	setDefault(&c.DefaultTimeout, DefaultTimeout)
	setDefault(&c.MaxUnary, defaultMaxUnary)
	setDefault(&c.MaxStreams, defaultMaxStreams)
	setDefault(&c.Grace, defaultGrace)
	setDefault(&c.MaxConnectionAge, defaultMaxConnectionAge)
}

// Validate names the first setting that cannot work. Zero values are fine: they are replaced by defaults.
func (c *ServerConfig) Validate() error {
	switch {
	case c.DefaultTimeout < 0:
		return notNegative("ServerConfig.DefaultTimeout", c.DefaultTimeout)
	case c.MaxUnary < 0:
		return notNegative("ServerConfig.MaxUnary", c.MaxUnary)
	case c.MaxStreams < 0:
		return notNegative("ServerConfig.MaxStreams", c.MaxStreams)
	case c.Grace < 0:
		return notNegative("ServerConfig.Grace", c.Grace)
	case c.MaxConnectionAge < 0:
		return notNegative("ServerConfig.MaxConnectionAge", c.MaxConnectionAge)
	}
	return nil
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func notNegative(name string, value any) error {
	return fmt.Errorf("rpc: %s must not be negative, is %v", name, value)
}
