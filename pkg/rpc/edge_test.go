package rpc_test

import (
	"context"
	"errors"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

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
