package requestid_test

import (
	"context"
	"errors"
	"testing"

	"mallbots.example/pkg/service/servicetest"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/rpc"
)

const number = "+4915112345678"

func requireReused(t *testing.T, err error) {
	t.Helper()
	servicetest.RequireReason(t, err, fault.Invalid, "REQUEST_ID_REUSED")
	refusal, _ := fault.As(rpc.FromStatus(err))
	require.Equal(t, "request_id", refusal.Fields[0].Name)
}

func requireEqual(t *testing.T, want, got proto.Message) {
	t.Helper()
	require.True(t, proto.Equal(want, got), "want %v\ngot  %v", want, got)
}

// away is a peer that does not answer.
type away struct{}

var errAway = errors.New("away")

// Invoke implements grpc.ClientConnInterface.
func (away) Invoke(context.Context, string, any, any, ...grpc.CallOption) error { return errAway }

// NewStream implements grpc.ClientConnInterface.
func (away) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, errAway
}
