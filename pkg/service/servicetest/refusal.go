package servicetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/rpc"
)

// RequireReason checks that a call was refused in the given way.
func RequireReason(t testing.TB, err error, kind fault.Kind, reason string) {
	t.Helper()
	refusal, ok := fault.As(rpc.FromStatus(err))
	require.True(t, ok, "%v", err)
	require.Equal(t, kind, refusal.Kind)
	require.Equal(t, reason, refusal.Reason)
}
