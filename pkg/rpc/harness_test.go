package rpc

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	testpb "google.golang.org/grpc/interop/grpc_testing"
)

// patience is how long a test waits for something that must happen; it is reached only by a test that fails.
const patience = 20 * time.Second

// insecureForTest is for connections without the client builder.
var insecureForTest = grpc.WithTransportCredentials(insecure.NewCredentials())

// testService is gRPC's interop service with handlers that a test chooses.
type testService struct {
	testpb.UnimplementedTestServiceServer
	unary  func(context.Context, *testpb.SimpleRequest) (*testpb.SimpleResponse, error)
	output func(*testpb.StreamingOutputCallRequest, testpb.TestService_StreamingOutputCallServer) error
	input  func(testpb.TestService_StreamingInputCallServer) error
	duplex func(testpb.TestService_FullDuplexCallServer) error
}

func (s *testService) UnaryCall(ctx context.Context, req *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
	if s.unary == nil {
		return &testpb.SimpleResponse{Payload: req.GetPayload()}, nil
	}
	return s.unary(ctx, req)
}

func (s *testService) StreamingOutputCall(req *testpb.StreamingOutputCallRequest, ss testpb.TestService_StreamingOutputCallServer) error {
	return s.output(req, ss)
}

func (s *testService) StreamingInputCall(ss testpb.TestService_StreamingInputCallServer) error {
	return s.input(ss)
}

func (s *testService) FullDuplexCall(ss testpb.TestService_FullDuplexCallServer) error {
	return s.duplex(ss)
}

// running is a server that serves on a loopback port until stop, or until the test ends.
type running struct {
	*Server
	addr    string
	stop    context.CancelFunc
	stopped chan struct{}
	err     error // of Serve; read it after stopped
}

func start(t *testing.T, cfg ServerConfig, register func(*Server)) *running {
	t.Helper()
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{Server: NewServer(cfg), addr: lis.Addr().String(), stop: cancel, stopped: make(chan struct{})}
	if register != nil {
		register(r.Server)
	}
	go func() {
		defer close(r.stopped)
		r.err = r.Serve(ctx, lis)
	}()
	t.Cleanup(func() {
		cancel()
		await(t, r.stopped, "the server to stop")
	})
	return r
}

func startTest(t *testing.T, cfg ServerConfig, s *testService) (*running, testpb.TestServiceClient) {
	t.Helper()
	r := start(t, cfg, func(srv *Server) { testpb.RegisterTestServiceServer(srv, s) })
	return r, testpb.NewTestServiceClient(dial(t, r.addr, ClientConfig{}))
}

func dial(t *testing.T, target string, cfg ClientConfig) *grpc.ClientConn {
	t.Helper()
	conn, err := Dial(target, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func await[T any](t *testing.T, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}

func payload(text string) *testpb.Payload { return &testpb.Payload{Body: []byte(text)} }

// logBuffer keeps what was logged.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func (b *logBuffer) logger(level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{Level: level}))
}
