package rpc

import (
	"context"
	"crypto/tls"
	"fmt"
	"strings"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/protobuf/reflect/protoregistry"
)

const (
	// clientPing finds a server that vanished without a word; above the server's minPing, or it hangs up with "too many pings".
	clientPing = 30 * time.Second
	// maxReconnect bounds the wait before the next try to connect. gRPC's 120 s would leave a service dark long after it is back.
	maxReconnect   = 5 * time.Second
	connectTimeout = 5 * time.Second
)

// ClientConfig says how a client connection is built. The zero value works.
type ClientConfig struct {
	// Name goes into the user agent, for people who read a server's traces.
	Name string
	// TLS gives the settings of each handshake, so that certificates may change; nil: plain text. See package certs.
	TLS func() *tls.Config
	// DefaultTimeout is the deadline of unary calls whose context has none.
	DefaultTimeout time.Duration
	// RetryMethods are full methods ("/package.Service/Method") that are tried again on UNAVAILABLE beside those that only read, for
	// callers that send a request_id with them.
	RetryMethods []string
	// Options come last and win: an in-memory dialer, a resolver.
	Options []grpc.DialOption
}

func (c *ClientConfig) setDefaults() { setDefault(&c.DefaultTimeout, DefaultTimeout) }

// Validate names the first setting that cannot work. Zero values are fine: they are replaced by defaults.
func (c *ClientConfig) Validate() error {
	if c.DefaultTimeout < 0 {
		return notNegative("ClientConfig.DefaultTimeout", c.DefaultTimeout)
	}
	for _, m := range c.RetryMethods {
		if service, method, ok := splitMethod(m); !ok || service == "" || method == "" {
			return fmt.Errorf("rpc: ClientConfig.RetryMethods: %q is not of the form /package.Service/Method", m)
		}
	}
	return nil
}

// Dial builds a connection; like grpc.NewClient it does not connect before the first call. A target without a scheme, "host:port", is
// looked up by DNS, again and again, and calls go to all its addresses in turn: a headless Kubernetes service names all its pods.
func Dial(target string, cfg ClientConfig) (*grpc.ClientConn, error) {
	cfg.setDefaults()
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if target == "" {
		return nil, fmt.Errorf("rpc: dial: the target is empty")
	}
	config, err := serviceConfig(protoregistry.GlobalFiles, cfg.RetryMethods)
	if err != nil {
		return nil, err
	}
	creds := insecure.NewCredentials()
	if cfg.TLS != nil {
		creds = handshakes{cfg.TLS}
	}
	reconnect := backoff.DefaultConfig
	reconnect.MaxDelay = maxReconnect
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(creds),
		grpc.WithDefaultServiceConfig(config),
		grpc.WithDisableServiceConfig(), // what DNS says about retries does not count, and asking for it costs a TXT query
		grpc.WithStatsHandler(otelgrpc.NewClientHandler()),
		grpc.WithChainUnaryInterceptor(defaultDeadline(cfg.DefaultTimeout)),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(MaxRecvMsgSize), grpc.MaxCallSendMsgSize(MaxRecvMsgSize)),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: clientPing, Timeout: pingTimeout, PermitWithoutStream: true}),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: reconnect, MinConnectTimeout: connectTimeout}),
		grpc.WithMaxHeaderListSize(maxHeaderBytes),
		lookingAgain(),
	}
	if cfg.Name != "" {
		options = append(options, grpc.WithUserAgent(cfg.Name))
	}
	conn, err := grpc.NewClient(withScheme(target), append(options, cfg.Options...)...)
	if err != nil {
		return nil, fmt.Errorf("rpc: dial %s: %w", target, err)
	}
	return conn, nil
}

// withScheme makes "host:port" a DNS name; "scheme:///…", "unix:path" and the like stay as they are.
func withScheme(target string) string {
	if strings.Contains(target, "://") {
		return target
	}
	for _, scheme := range []string{"dns:", "unix:", "unix-abstract:", "passthrough:"} {
		if strings.HasPrefix(target, scheme) {
			return target
		}
	}
	return "dns:///" + target
}

// defaultDeadline bounds unary calls that nobody has bounded. Inside a handler the caller's deadline is already in the context.
func defaultDeadline(timeout time.Duration) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		if _, ok := ctx.Deadline(); !ok {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, timeout)
			defer cancel()
		}
		return invoke(ctx, method, req, reply, cc, opts...)
	}
}
