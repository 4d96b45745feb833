package rpc_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/rpc"
)

func TestAnEdgePassesOnWhatAPeerSaidAndNothingElse(t *testing.T) {
	draining, drain := context.WithCancelCause(t.Context())
	drain(rpc.ErrDraining)
	gone, leave := context.WithCancel(t.Context())
	leave()
	fault := rpc.ToStatus(fault.Refuse("OUT_OF_STOCK", "one is left"))
	for name, test := range map[string]struct {
		ctx    context.Context
		err    error
		code   codes.Code
		reason string
		text   string
	}{
		"a fault of the peer":            {t.Context(), fault.Err(), codes.FailedPrecondition, "OUT_OF_STOCK", "one is left"},
		"a method that it does not have": {t.Context(), status.Error(codes.Unimplemented, "unknown method X"), codes.Unimplemented, "", "unknown method X"},
		"a peer that is away": {
			t.Context(), status.Error(codes.Unavailable, "dial tcp 10.0.0.7:9000: connection refused"),
			codes.Unavailable, rpc.ReasonUnavailable, "a service this call needs is not available, try again",
		},
		"an error of this process": {t.Context(), errors.New("the pool is closed"), codes.Internal, rpc.ReasonInternal, "internal error"},
		"a client that has left":   {gone, status.Error(codes.Canceled, "context canceled"), codes.Canceled, rpc.ReasonCancelled, "the call was cancelled"},
		"a stream that is drained": {
			draining, status.Error(codes.Canceled, "context canceled"),
			codes.Unavailable, rpc.ReasonDraining, "the server is going away, resume the stream",
		},
	} {
		t.Run(name, func(t *testing.T) {
			st := rpc.PassedOn(test.ctx, test.err)
			if st.Code() != test.code || rpc.Reason(st.Err()) != test.reason || st.Message() != test.text {
				t.Errorf("told %v, reason %q", st, rpc.Reason(st.Err()))
			}
		})
	}
}

func TestARefusalOfTheEdgeIsToldAsItIs(t *testing.T) {
	refuse := func() error {
		return rpc.Refusal(codes.ResourceExhausted, "RATE_LIMITED", "too many", &errdetails.RetryInfo{RetryDelay: durationpb.New(time.Second)})
	}
	for name, st := range map[string]*status.Status{
		"by a server":       rpc.ToStatus(fmt.Errorf("wrapped: %w", refuse())),
		"by an edge":        rpc.PassedOn(t.Context(), refuse()),
		"passed on by gRPC": rpc.PassedOn(t.Context(), status.FromProto(rpc.ToStatus(refuse()).Proto()).Err()),
	} {
		if st.Code() != codes.ResourceExhausted || rpc.Reason(st.Err()) != "RATE_LIMITED" || st.Message() != "too many" || len(st.Details()) != 2 {
			t.Errorf("%s: told %v", name, st.Proto())
		}
	}
}
