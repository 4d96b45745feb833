package rpc

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"

	"mallbots.example/pkg/fault"
)

// startProxy serves s behind a proxy and gives the proxy and a client of it.
func startProxy(t *testing.T, cfg ServerConfig, s *testService) (*running, testpb.TestServiceClient) {
	t.Helper()
	backend, _ := startTest(t, ServerConfig{Grace: patience}, s)
	conn := dial(t, backend.addr, ClientConfig{})
	cfg.Unknown = NewProxy(func(method string) (grpc.ClientConnInterface, error) {
		if strings.HasPrefix(method, "/grpc.testing.TestService/") {
			return conn, nil
		}
		return nil, ErrNoRoute
	})
	front := start(t, cfg, nil)
	return front, testpb.NewTestServiceClient(dial(t, front.addr, ClientConfig{}))
}

func echo(ss testpb.TestService_FullDuplexCallServer) error {
	for {
		req, err := ss.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := ss.Send(&testpb.StreamingOutputCallResponse{Payload: req.GetPayload()}); err != nil {
			return err
		}
	}
}

func TestProxy_passes_calls_of_every_kind(t *testing.T) {
	_, client := startProxy(t, ServerConfig{}, &testService{
		output: func(_ *testpb.StreamingOutputCallRequest, ss testpb.TestService_StreamingOutputCallServer) error {
			for _, text := range []string{"a", "b", "c"} {
				if err := ss.Send(&testpb.StreamingOutputCallResponse{Payload: payload(text)}); err != nil {
					return err
				}
			}
			return nil
		},
		input: func(ss testpb.TestService_StreamingInputCallServer) error {
			var size int32
			for {
				req, err := ss.Recv()
				if errors.Is(err, io.EOF) {
					return ss.SendAndClose(&testpb.StreamingInputCallResponse{AggregatedPayloadSize: size})
				}
				if err != nil {
					return err
				}
				size += int32(len(req.GetPayload().GetBody()))
			}
		},
		duplex: echo,
	})
	ctx := t.Context()

	resp, err := client.UnaryCall(ctx, &testpb.SimpleRequest{Payload: payload("hello")})
	if err != nil || string(resp.GetPayload().GetBody()) != "hello" {
		t.Fatalf("unary: %v, %v", resp, err)
	}

	out, err := client.StreamingOutputCall(ctx, &testpb.StreamingOutputCallRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for {
		m, err := out.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(m.GetPayload().GetBody()))
	}
	if !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("server stream: %v", got)
	}

	in, err := client.StreamingInputCall(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := in.Send(&testpb.StreamingInputCallRequest{Payload: payload("1234")}); err != nil {
			t.Fatal(err)
		}
	}
	if sum, err := in.CloseAndRecv(); err != nil || sum.GetAggregatedPayloadSize() != 12 {
		t.Errorf("client stream: %v, %v", sum, err)
	}

	duplex, err := client.FullDuplexCall(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"ping", "pong"} { // each answered before the next is sent
		if err := duplex.Send(&testpb.StreamingOutputCallRequest{Payload: payload(text)}); err != nil {
			t.Fatal(err)
		}
		if m, err := duplex.Recv(); err != nil || string(m.GetPayload().GetBody()) != text {
			t.Fatalf("bidi: %v, %v", m, err)
		}
	}
	if err := duplex.CloseSend(); err != nil {
		t.Fatal(err)
	}
	if _, err := duplex.Recv(); !errors.Is(err, io.EOF) {
		t.Errorf("bidi ends with %v, want EOF", err)
	}
}

func TestProxy_lives_beside_registered_services(t *testing.T) {
	front, _ := startProxy(t, ServerConfig{Reflection: true}, &testService{})
	health := healthpb.NewHealthClient(dial(t, front.addr, ClientConfig{}))
	resp, err := health.Check(t.Context(), &healthpb.HealthCheckRequest{})
	if err != nil || resp.GetStatus() != healthpb.HealthCheckResponse_SERVING {
		t.Errorf("%v, %v", resp, err)
	}
}

func TestProxy_answers_unimplemented_where_nobody_serves_the_method(t *testing.T) {
	front, client := startProxy(t, ServerConfig{}, &testService{})
	_, err := testpb.NewReconnectServiceClient(dial(t, front.addr, ClientConfig{})).Stop(t.Context(), &testpb.Empty{})
	if status.Code(err) != codes.Unimplemented {
		t.Errorf("no route: %v", err)
	}
	if _, err := client.UnimplementedCall(t.Context(), &testpb.Empty{}); status.Code(err) != codes.Unimplemented {
		t.Errorf("not implemented behind the proxy: %v", err)
	}
}

func TestProxy_leaves_faults_and_their_details_intact(t *testing.T) {
	_, client := startProxy(t, ServerConfig{}, &testService{
		unary: func(context.Context, *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
			return nil, fault.BadField("price.minor_units", "must not be negative")
		},
	})
	_, err := client.UnaryCall(t.Context(), &testpb.SimpleRequest{})
	f, ok := fault.As(FromStatus(err))
	if !ok || f.Kind != fault.Invalid || f.Reason != fault.InvalidFieldReason ||
		!slices.Equal(f.Fields, []fault.Field{{Name: "price.minor_units", Description: "must not be negative"}}) {
		t.Errorf("%+v of %v", f, err)
	}
}

// foreign is a backend that is not ours: its statuses come without our ErrorInfo.
func foreign(err error) grpc.ClientConnInterface { return foreignConn{err} }

type foreignConn struct{ err error }

func (foreignConn) Invoke(context.Context, string, any, any, ...grpc.CallOption) error {
	panic("not used")
}
func (c foreignConn) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, c.err
}

func TestProxy_hides_what_its_own_transport_says(t *testing.T) {
	quota, err := status.New(codes.ResourceExhausted, "quota used up").WithDetails(&errdetails.ErrorInfo{Reason: "QUOTA", Domain: "elsewhere"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		err  error
		code codes.Code
		text string
	}{
		{"no connection", status.Error(codes.Unavailable, "dial tcp 10.1.2.3:9000: refused"), codes.Unavailable, textUnavailable},
		{"a bug behind it", status.Error(codes.Unknown, "pq: password of 10.1.2.3"), codes.Internal, textInternal},
		{"a foreign refusal", quota.Err(), codes.ResourceExhausted, "quota used up"},
		{"a route that fails", errors.New("10.1.2.3 is not in the table"), codes.Internal, textInternal},
	} {
		t.Run(c.name, func(t *testing.T) {
			front := start(t, ServerConfig{Unknown: NewProxy(func(string) (grpc.ClientConnInterface, error) {
				if c.name == "a route that fails" {
					return nil, c.err
				}
				return foreign(c.err), nil
			})}, nil)
			_, err := testpb.NewTestServiceClient(dial(t, front.addr, ClientConfig{})).UnaryCall(t.Context(), &testpb.SimpleRequest{})
			if st := status.Convert(err); st.Code() != c.code || st.Message() != c.text {
				t.Errorf("got %v", st)
			}
		})
	}
}
