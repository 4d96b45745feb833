package convert_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	"mallbots.example/services/ordering/internal/convert"
	"mallbots.example/services/ordering/internal/domain"
)

func TestEachStatusHasItsOwnNameInTheAPI(t *testing.T) {
	seen := map[orderingv1.OrderStatus]bool{}
	for _, status := range []domain.Status{
		domain.Pending, domain.Approved, domain.InProgress, domain.Ready, domain.Completed, domain.Rejected, domain.Canceling, domain.Canceled,
	} {
		public := convert.Status(status)
		require.NotZero(t, public, status)
		require.False(t, seen[public], status)
		seen[public] = true
	}
	require.Len(t, orderingv1.OrderStatus_name, len(seen)+1, "all but the unspecified one")
}

func TestEachCauseHasItsOwnNameInTheAPI(t *testing.T) {
	seen := map[orderingv1.CancelCause]bool{}
	for _, cause := range []domain.Cause{domain.ByCustomer, domain.ListGivenUp, domain.InvoiceCanceled} {
		public := convert.Cause(cause)
		require.NotZero(t, public, cause)
		require.False(t, seen[public], cause)
		seen[public] = true
	}
	require.Len(t, orderingv1.CancelCause_name, len(seen)+1, "all but the unspecified one")
}
