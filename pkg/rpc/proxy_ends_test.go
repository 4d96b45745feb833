package rpc

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"
)

func TestProxy_passes_the_deadline_on(t *testing.T) {
	seen := make(chan time.Time, 1)
	_, client := startProxy(t, ServerConfig{}, &testService{
		duplex: func(ss testpb.TestService_FullDuplexCallServer) error {
			deadline, _ := ss.Context().Deadline()
			seen <- deadline
			return nil
		},
	})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	want, _ := ctx.Deadline()
	if _, err := client.FullDuplexCall(ctx); err != nil {
		t.Fatal(err)
	}
	got := await(t, seen, "the call behind the proxy")
	if early := want.Sub(got); early < 2*shave-5*time.Millisecond || early > time.Second {
		t.Errorf("the deadline behind two hops is %v before the client's, want about %v", early, 2*shave)
	}
}

func TestProxy_passes_cancellation_on(t *testing.T) {
	entered, left := make(chan struct{}), make(chan struct{})
	_, client := startProxy(t, ServerConfig{}, &testService{
		duplex: func(ss testpb.TestService_FullDuplexCallServer) error {
			close(entered)
			<-ss.Context().Done()
			close(left)
			return ss.Context().Err()
		},
	})
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := client.FullDuplexCall(ctx); err != nil {
		t.Fatal(err)
	}
	await(t, entered, "the call behind the proxy")
	cancel()
	await(t, left, "the cancellation behind the proxy")
}

func TestProxy_refuses_messages_that_are_too_large(t *testing.T) {
	_, client := startProxy(t, ServerConfig{}, &testService{duplex: echo})
	big := &testpb.SimpleRequest{Payload: &testpb.Payload{Body: make([]byte, MaxRecvMsgSize+1)}}
	_, err := client.UnaryCall(t.Context(), big, grpc.MaxCallSendMsgSize(2*MaxRecvMsgSize))
	if status.Code(err) != codes.ResourceExhausted {
		t.Errorf("got %v", err)
	}
}

func TestProxy_ends_streams_with_unavailable_when_it_drains(t *testing.T) {
	front, client := startProxy(t, ServerConfig{Grace: patience}, &testService{duplex: echo})
	stream, err := client.FullDuplexCall(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&testpb.StreamingOutputCallRequest{}); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	front.stop()
	if _, err := stream.Recv(); status.Code(err) != codes.Unavailable || Reason(err) != ReasonDraining {
		t.Errorf("the stream ended with %v", err)
	}
	await(t, front.stopped, "the drain")
}

func TestProxy_treats_unary_calls_of_the_contracts_as_unary(t *testing.T) {
	entered, finish := make(chan time.Duration, 1), make(chan struct{})
	backend := startThings(t, ServerConfig{DefaultTimeout: time.Hour, Grace: patience}, func(ctx context.Context, _ string, req thing) (thing, error) {
		deadline, _ := ctx.Deadline()
		entered <- time.Until(deadline)
		<-finish
		return req, nil
	})
	behind := dial(t, backend.addr, ClientConfig{})
	front := start(t, ServerConfig{
		DefaultTimeout: time.Minute, Grace: patience,
		Unknown: NewProxy(func(string) (grpc.ClientConnInterface, error) { return behind, nil }),
	}, nil)
	conn, err := grpc.NewClient(front.addr, insecureForTest) // sets no deadline
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	result := make(chan error, 1)
	go func() {
		_, err := invoke(context.Background(), conn, createThing, newThing("x"))
		result <- err
	}()
	if left := await(t, entered, "the call behind the proxy"); left > time.Minute || left < time.Second {
		t.Errorf("%v left, want the proxy's default", left)
	}
	front.stop()
	await(t, front.draining.Done(), "the drain")
	close(finish)
	if err := await(t, result, "the answer"); err != nil {
		t.Errorf("a proxied call in flight ended with %v", err)
	}
}
