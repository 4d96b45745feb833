package rpc

import (
	"context"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"

	"mallbots.example/pkg/fault"
)

func TestProxy_passes_metadata_both_ways_but_no_reserved_entries(t *testing.T) {
	_, client := startProxy(t, ServerConfig{}, &testService{
		unary: func(ctx context.Context, req *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
			md, _ := metadata.FromIncomingContext(ctx)
			_ = grpc.SetHeader(ctx, metadata.Pairs("x-answer", "header", "x-bin", "plain"))
			_ = grpc.SetTrailer(ctx, metadata.Pairs("x-end", "trailer"))
			if got := md.Get("user-agent"); len(got) != 1 || strings.Contains(got[0], "the-client") {
				return nil, fault.Refuse("USER_AGENT", "%v", got)
			}
			return &testpb.SimpleResponse{Payload: payload(strings.Join(md.Get("x-ask"), ","))}, nil
		},
	})
	ctx := metadata.AppendToOutgoingContext(t.Context(), "x-ask", "1", "x-ask", "2")
	var header, trailer metadata.MD
	resp, err := client.UnaryCall(ctx, &testpb.SimpleRequest{}, grpc.Header(&header), grpc.Trailer(&trailer))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(resp.GetPayload().GetBody()); got != "1,2" {
		t.Errorf("the service saw x-ask = %q", got)
	}
	if got := header.Get("x-answer"); !slices.Equal(got, []string{"header"}) {
		t.Errorf("header %v", header)
	}
	if got := trailer.Get("x-end"); !slices.Equal(got, []string{"trailer"}) {
		t.Errorf("trailer %v", trailer)
	}
}

func TestForwardable_drops_reserved_and_hop_by_hop_entries(t *testing.T) {
	got := forwardable(metadata.MD{
		":authority": {"a"}, "grpc-timeout": {"1S"}, "content-type": {"application/grpc"}, "te": {"trailers"}, "user-agent": {"x"},
		"authorization": {"bearer"}, "traceparent": {"00"},
	})
	if len(got) != 2 || got["authorization"] == nil || got["traceparent"] == nil {
		t.Errorf("%v", got)
	}
}
