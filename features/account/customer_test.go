package account

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
)

// counter takes money, and keeps for which invoices.
type counter struct {
	paymentsv1.PaymentsServiceClient
	paid []string
}

// PayInvoice implements the client.
func (c *counter) PayInvoice(_ context.Context, req *paymentsv1.PayInvoiceRequest, _ ...grpc.CallOption) (*paymentsv1.PayInvoiceResponse, error) {
	c.paid = append(c.paid, req.GetId())
	return &paymentsv1.PayInvoiceResponse{}, nil
}

func TestAnInvoiceIsPaidOnceAndOnlyOfAnOrderThatIsReady(t *testing.T) {
	for status, want := range map[orderingv1.OrderStatus][]string{
		ready: {"invoice"},
		orderingv1.OrderStatus_ORDER_STATUS_CANCELING: nil,
		canceled:  nil,
		completed: nil,
	} {
		counter := &counter{}
		l := &Load{clients: clients{payments: counter}, calls: &calls{patience: time.Minute, count: newCounts()}, count: newCounts()}
		c, seen := &customer{Load: l, record: &Record{}}, &sight{}
		order := &orderingv1.Order{Id: "order", Status: status, InvoiceId: "invoice"}
		c.see(t.Context(), order, seen)
		c.see(t.Context(), order, seen)
		require.Equal(t, want, counter.paid, status)
		require.Empty(t, c.record.Refused)
	}
}
