package rpc

import (
	"context"
	"strings"
	"testing"

	"google.golang.org/grpc"

	"mallbots.example/pkg/fault"
)

func TestValidation_names_the_path_of_each_broken_field(t *testing.T) {
	server := startThings(t, ServerConfig{}, func(context.Context, string, thing) (thing, error) {
		t.Error("the handler saw a request that breaks the contract")
		return thing{}, nil
	})
	conn := dial(t, server.addr, ClientConfig{})
	check := func(kind string, err error) {
		t.Helper()
		f, ok := fault.As(FromStatus(err))
		if !ok || f.Kind != fault.Invalid || f.Reason != "INVALID_FIELD" || len(f.Fields) != 2 ||
			f.Fields[0].Name != "name" || f.Fields[1].Name != "price.minor_units" || !strings.HasPrefix(f.Fields[1].Description, "must be") {
			t.Errorf("%s: %+v of %v", kind, f, err)
		}
	}
	bad := newThing("").withPrice(-1)
	_, err := invoke(t.Context(), conn, createThing, bad)
	check("unary", err)

	stream, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true}, watchThing)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.SendMsg(bad.Message); err != nil {
		t.Fatal(err)
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	check("stream", stream.RecvMsg(newThing("").Message))
}

func TestValidation_lets_good_requests_pass(t *testing.T) {
	server := startThings(t, ServerConfig{}, echoThing)
	resp, err := invoke(t.Context(), dial(t, server.addr, ClientConfig{}), createThing, newThing("mug").withPrice(5))
	if err != nil || resp.name() != "mug" {
		t.Errorf("%v, %v", resp, err)
	}
}

func TestExtraInterceptors_run_before_validation_and_their_faults_are_mapped(t *testing.T) {
	deny := fault.Refuse("SIGNED_OUT", "sign in first")
	server := startThings(t, ServerConfig{
		UnaryInterceptors: []grpc.UnaryServerInterceptor{func(context.Context, any, *grpc.UnaryServerInfo, grpc.UnaryHandler) (any, error) {
			return nil, deny
		}},
		StreamInterceptors: []grpc.StreamServerInterceptor{func(any, grpc.ServerStream, *grpc.StreamServerInfo, grpc.StreamHandler) error {
			return deny
		}},
	}, echoThing)
	conn := dial(t, server.addr, ClientConfig{})
	if _, err := invoke(t.Context(), conn, createThing, newThing("")); Reason(err) != "SIGNED_OUT" {
		t.Errorf("unary: %v", err)
	}
	stream, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true}, watchThing)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.RecvMsg(newThing("").Message); Reason(err) != "SIGNED_OUT" {
		t.Errorf("stream: %v", err)
	}
}
