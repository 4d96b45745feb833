package rpc

import (
	"context"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"
)

func TestLimit_refuses_what_is_too_much_but_never_health(t *testing.T) {
	entered, finish := make(chan struct{}, 2), make(chan struct{})
	server, client := startTest(t, ServerConfig{MaxUnary: 1, MaxStreams: 1, Grace: patience}, &testService{
		unary: func(context.Context, *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
			entered <- struct{}{}
			<-finish
			return &testpb.SimpleResponse{}, nil
		},
		duplex: func(ss testpb.TestService_FullDuplexCallServer) error {
			entered <- struct{}{}
			return echo(ss)
		},
	})
	first := make(chan error, 1)
	go func() {
		_, err := client.UnaryCall(t.Context(), &testpb.SimpleRequest{})
		first <- err
	}()
	await(t, entered, "the first call")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if _, err := client.FullDuplexCall(ctx); err != nil { // counted apart
		t.Fatal(err)
	}
	await(t, entered, "the first stream")

	_, err := client.UnaryCall(t.Context(), &testpb.SimpleRequest{})
	wantBusy(t, err)
	second, err := client.FullDuplexCall(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = second.Recv()
	wantBusy(t, err)
	if _, err := healthpb.NewHealthClient(dial(t, server.addr, ClientConfig{})).Check(t.Context(), &healthpb.HealthCheckRequest{}); err != nil {
		t.Errorf("health: %v", err)
	}

	close(finish)
	if err := await(t, first, "the first call's answer"); err != nil {
		t.Error(err)
	}
	if _, err := client.UnaryCall(t.Context(), &testpb.SimpleRequest{}); err != nil {
		t.Errorf("after the jam: %v", err)
	}
}

func wantBusy(t *testing.T, err error) {
	t.Helper()
	st := status.Convert(err)
	if st.Code() != codes.ResourceExhausted || Reason(err) != "SERVER_BUSY" {
		t.Fatalf("got %v", err)
	}
	for _, d := range st.Details() {
		if retry, ok := d.(*errdetails.RetryInfo); ok && retry.GetRetryDelay().AsDuration() == busyRetryDelay {
			return
		}
	}
	t.Errorf("no RetryInfo in %v", st.Details())
}
