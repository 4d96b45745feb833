package rpc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/stats"
)

// stopWait is how long Serve waits for handlers after it cut their connections. A handler that does not heed its context is left behind.
const stopWait = time.Second

// Server is a gRPC server with everything that the mall's servers have in common; see the package's documentation for what a call
// passes. Register services, then Serve.
type Server struct {
	cfg    ServerConfig
	err    error // of the configuration; Serve gives it
	grpc   *grpc.Server
	health *healthService

	draining context.Context
	drain    context.CancelCauseFunc
	stopOnce sync.Once
}

var _ grpc.ServiceRegistrar = (*Server)(nil)

// NewServer builds a server. A configuration that Validate refuses is reported by Serve.
func NewServer(cfg ServerConfig) *Server {
	cfg.setDefaults()
	s := &Server{cfg: cfg, err: cfg.Validate(), health: newHealthService()}
	s.draining, s.drain = context.WithCancelCause(context.Background())
	s.grpc = grpc.NewServer(s.options()...)
	healthpb.RegisterHealthServer(s, s.health)
	if cfg.Reflection {
		registerReflection(s)
	}
	return s
}

func (s *Server) options() []grpc.ServerOption {
	m := newMetrics(s.cfg.Registerer)
	log := accessLog{s.cfg.Logger}
	deadline := deadlines{s.cfg.DefaultTimeout}
	answers := answerer{m}
	limit := newLimiter(s.cfg.MaxUnary, s.cfg.MaxStreams)

	unary := []grpc.UnaryServerInterceptor{m.unary, log.unary, deadline.unary, answers.unary, limit.unary}
	unary = append(append(unary, s.cfg.UnaryInterceptors...), validateUnary)
	stream := []grpc.StreamServerInterceptor{m.stream, log.stream, deadline.stream, s.drainStream, answers.stream, limit.stream}
	stream = append(append(stream, s.cfg.StreamInterceptors...), validateStream)

	options := []grpc.ServerOption{
		grpc.StatsHandler(otelgrpc.NewServerHandler(otelgrpc.WithFilter(func(info *stats.RPCTagInfo) bool {
			return !isHealth(info.FullMethodName) // probes every few seconds would drown the traces
		}))),
		grpc.ChainUnaryInterceptor(unary...),
		grpc.ChainStreamInterceptor(stream...),
		grpc.MaxRecvMsgSize(MaxRecvMsgSize),
		grpc.MaxSendMsgSize(MaxRecvMsgSize),
		grpc.MaxHeaderListSize(maxHeaderBytes),
		grpc.ConnectionTimeout(handshakeTimeout),
		// Not below the server's own limits: calls beyond this one are not refused but wait inside the client, where unary calls would
		// queue behind streams that never end (the gateway has one connection a service).
		grpc.MaxConcurrentStreams(uint32(max(s.cfg.MaxUnary, 0) + max(s.cfg.MaxStreams, 0) + streamSlack)),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: minPing, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionAge: s.cfg.MaxConnectionAge, MaxConnectionAgeGrace: connectionAgeGrace, Time: serverPing, Timeout: pingTimeout,
		}),
	}
	if s.cfg.TLS != nil {
		options = append(options, grpc.Creds(handshakes{s.cfg.TLS}))
	}
	if s.cfg.Unknown != nil {
		options = append(options, grpc.UnknownServiceHandler(s.cfg.Unknown), grpc.ForceServerCodecV2(rawCodec{}))
	}
	return options
}

// RegisterService implements grpc.ServiceRegistrar: generated Register…Server functions take a Server.
func (s *Server) RegisterService(desc *grpc.ServiceDesc, impl any) {
	s.grpc.RegisterService(desc, impl)
}

// GetServiceInfo lists the registered services.
func (s *Server) GetServiceInfo() map[string]grpc.ServiceInfo { return s.grpc.GetServiceInfo() }

// SetServing tells the health service about one service, by its full name, or about the server as a whole, by "". The whole is
// NOT_SERVING until Serve, which makes it SERVING unless SetServing has spoken before.
func (s *Server) SetServing(service string, ok bool) { s.health.set(service, ok) }

// Serve answers calls on lis until ctx ends, then drains: health says NOT_SERVING, streams are told to end (UNAVAILABLE, so that their
// clients resume elsewhere), unary calls in flight have ServerConfig.Grace to end, then connections are cut. It closes lis. It
// gives nil after a drain, calls cut or not, and an error when lis broke. A server serves once.
func (s *Server) Serve(ctx context.Context, lis net.Listener) error {
	if s.err != nil {
		_ = lis.Close()
		return s.err
	}
	s.health.start()
	served := make(chan error, 1)
	go func() { served <- s.grpc.Serve(lis) }()
	select {
	case err := <-served:
		s.stop()
		return fmt.Errorf("rpc: serve %s: %w", lis.Addr(), err)
	case <-ctx.Done():
	}
	s.stop()
	if err := <-served; err != nil && !errors.Is(err, grpc.ErrServerStopped) { // stopped before it began
		return fmt.Errorf("rpc: serve %s: %w", lis.Addr(), err)
	}
	return nil
}

// stop drains once; further calls wait for the first.
func (s *Server) stop() {
	s.stopOnce.Do(func() {
		s.health.Shutdown()
		s.drain(errDraining)
		graceful := make(chan struct{})
		go func() {
			s.grpc.GracefulStop()
			close(graceful)
		}()
		if endsWithin(graceful, s.cfg.Grace) {
			return
		}
		s.cfg.Logger.Warn("calls in flight outlived the grace period, their connections are cut", slog.Duration("grace", s.cfg.Grace))
		go s.grpc.Stop()
		endsWithin(graceful, stopWait)
	})
}

func endsWithin(done <-chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}
