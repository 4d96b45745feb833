package rpc

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
)

func TestServer_drain_lets_unary_calls_finish(t *testing.T) {
	entered, finish := make(chan struct{}), make(chan struct{})
	server, client := startTest(t, ServerConfig{Grace: patience}, &testService{
		unary: func(ctx context.Context, req *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
			close(entered)
			<-finish
			return &testpb.SimpleResponse{Payload: req.GetPayload()}, ctx.Err()
		},
	})
	result := make(chan error, 1)
	go func() {
		_, err := client.UnaryCall(t.Context(), &testpb.SimpleRequest{})
		result <- err
	}()
	await(t, entered, "the call")
	server.stop()
	await(t, server.draining.Done(), "the drain")
	close(finish)
	if err := await(t, result, "the answer"); err != nil {
		t.Errorf("a call in flight ended with %v", err)
	}
	await(t, server.stopped, "the end of Serve")
	if server.err != nil {
		t.Errorf("Serve: %v", server.err)
	}
}

func TestServer_drain_ends_streams_with_unavailable(t *testing.T) {
	entered := make(chan struct{}, 3)
	server, client := startTest(t, ServerConfig{Grace: patience}, &testService{
		output: func(_ *testpb.StreamingOutputCallRequest, ss testpb.TestService_StreamingOutputCallServer) error {
			entered <- struct{}{}
			<-ss.Context().Done()
			return nil // a handler that takes the end of its context for the end of its work
		},
		input: func(ss testpb.TestService_StreamingInputCallServer) error {
			entered <- struct{}{}
			_, err := ss.Recv() // waits for a client that sends nothing
			return err
		},
		duplex: func(ss testpb.TestService_FullDuplexCallServer) error {
			entered <- struct{}{}
			return echo(ss)
		},
	})
	ctx := t.Context()
	out, err := client.StreamingOutputCall(ctx, &testpb.StreamingOutputCallRequest{})
	if err != nil {
		t.Fatal(err)
	}
	in, err := client.StreamingInputCall(ctx)
	if err != nil {
		t.Fatal(err)
	}
	duplex, err := client.FullDuplexCall(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		await(t, entered, "the streams")
	}
	server.stop()
	await(t, server.stopped, "the end of Serve")
	_, outErr := out.Recv()
	_, duplexErr := duplex.Recv()
	for name, err := range map[string]error{
		"server stream": outErr, "client stream": in.RecvMsg(&testpb.StreamingInputCallResponse{}), "bidi": duplexErr,
	} {
		if status.Code(err) != codes.Unavailable || Reason(err) != ReasonDraining {
			t.Errorf("the %s ended with %v", name, err)
		}
	}
}

func TestServer_cuts_calls_that_outlive_the_grace(t *testing.T) {
	entered := make(chan struct{})
	var logs logBuffer
	server, client := startTest(t, ServerConfig{Grace: 1, Logger: logs.logger(0)}, &testService{
		unary: func(ctx context.Context, _ *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
			close(entered)
			<-ctx.Done()
			return nil, ctx.Err()
		},
	})
	result := make(chan error, 1)
	go func() {
		_, err := client.UnaryCall(t.Context(), &testpb.SimpleRequest{})
		result <- err
	}()
	await(t, entered, "the call")
	server.stop()
	if err := await(t, result, "the cut"); status.Code(err) != codes.Unavailable {
		t.Errorf("the client saw %v", err)
	}
	await(t, server.stopped, "the end of Serve")
	if !strings.Contains(logs.String(), "grace") {
		t.Errorf("nothing logged: %s", logs.String())
	}
}

func TestServer_serve_names_the_setting_that_is_wrong(t *testing.T) {
	for want, cfg := range map[string]ServerConfig{
		"DefaultTimeout": {DefaultTimeout: -1}, "MaxUnary": {MaxUnary: -1}, "MaxStreams": {MaxStreams: -1}, "Grace": {Grace: -1},
		"MaxConnectionAge": {MaxConnectionAge: -1},
	} {
		lis, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if err := NewServer(cfg).Serve(t.Context(), lis); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error about %s, got %v", want, err)
		}
		if err := lis.Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("the listener was left open: %v", err)
		}
	}
}

func TestServer_serve_tells_that_its_listener_broke(t *testing.T) {
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := lis.Close(); err != nil {
		t.Fatal(err)
	}
	if err := NewServer(ServerConfig{}).Serve(t.Context(), lis); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestServer_health_follows_what_it_is_told(t *testing.T) {
	server := start(t, ServerConfig{}, func(s *Server) { s.SetServing("mallbots.ordering.v1.OrderingService", false) })
	client := healthpb.NewHealthClient(dial(t, server.addr, ClientConfig{}))
	check := func(service string, want healthpb.HealthCheckResponse_ServingStatus) {
		t.Helper()
		resp, err := client.Check(t.Context(), &healthpb.HealthCheckRequest{Service: service})
		if err != nil || resp.GetStatus() != want {
			t.Errorf("%q: %v, %v, want %v", service, resp.GetStatus(), err, want)
		}
	}
	check("", healthpb.HealthCheckResponse_SERVING)
	check("mallbots.ordering.v1.OrderingService", healthpb.HealthCheckResponse_NOT_SERVING)
	server.SetServing("mallbots.ordering.v1.OrderingService", true)
	check("mallbots.ordering.v1.OrderingService", healthpb.HealthCheckResponse_SERVING)
	server.SetServing("", false)
	check("", healthpb.HealthCheckResponse_NOT_SERVING)
	if _, err := client.Check(t.Context(), &healthpb.HealthCheckRequest{Service: "nobody"}); status.Code(err) != codes.NotFound {
		t.Errorf("an unknown service: %v", err)
	}
}

func TestServer_that_was_said_not_to_be_ready_is_not_made_ready_by_serve(t *testing.T) {
	server := start(t, ServerConfig{}, func(s *Server) { s.SetServing("", false) })
	resp, err := healthpb.NewHealthClient(dial(t, server.addr, ClientConfig{})).Check(t.Context(), &healthpb.HealthCheckRequest{})
	if err != nil || resp.GetStatus() != healthpb.HealthCheckResponse_NOT_SERVING {
		t.Errorf("%v, %v", resp.GetStatus(), err)
	}
}

func TestServer_drain_tells_health_watchers_first(t *testing.T) {
	server := start(t, ServerConfig{Grace: patience}, nil)
	watch, err := healthpb.NewHealthClient(dial(t, server.addr, ClientConfig{})).Watch(t.Context(), &healthpb.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := watch.Recv(); err != nil || resp.GetStatus() != healthpb.HealthCheckResponse_SERVING {
		t.Fatalf("%v, %v", resp, err)
	}
	server.stop()
	for { // NOT_SERVING may be overtaken by the end of the stream, which says the same
		resp, err := watch.Recv()
		if err != nil {
			if status.Code(err) != codes.Unavailable {
				t.Errorf("the watch ended with %v", err)
			}
			return
		}
		if resp.GetStatus() != healthpb.HealthCheckResponse_NOT_SERVING {
			t.Errorf("%v", resp)
		}
	}
}

func TestServer_reflection_lists_what_can_be_called(t *testing.T) {
	none := NewProxy(func(string) (grpc.ClientConnInterface, error) { return nil, nil })
	for name, c := range map[string]struct {
		cfg  ServerConfig
		want bool
	}{"behind a proxy": {ServerConfig{Reflection: true, Unknown: none}, true}, "alone": {ServerConfig{Reflection: true}, false}} {
		t.Run(name, func(t *testing.T) {
			server := start(t, c.cfg, nil)
			stream, err := reflectionpb.NewServerReflectionClient(dial(t, server.addr, ClientConfig{})).ServerReflectionInfo(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			request := &reflectionpb.ServerReflectionRequest{MessageRequest: &reflectionpb.ServerReflectionRequest_ListServices{}}
			if err := stream.Send(request); err != nil {
				t.Fatal(err)
			}
			resp, err := stream.Recv()
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, s := range resp.GetListServicesResponse().GetService() {
				names = append(names, s.GetName())
			}
			if !slices.Contains(names, "grpc.health.v1.Health") || slices.Contains(names, "mallbots.rpctest.v1.ThingService") != c.want {
				t.Errorf("%v", names)
			}
			if err := stream.CloseSend(); err != nil {
				t.Fatal(err)
			}
			if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestServer_without_reflection_has_none(t *testing.T) {
	info := NewServer(ServerConfig{}).GetServiceInfo()
	if len(info) != 1 || info["grpc.health.v1.Health"].Methods == nil {
		t.Errorf("%v", info)
	}
}
