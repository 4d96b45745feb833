package messages

import (
	"context"

	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
	"mallbots.example/services/ordering/internal/app"
)

// Payments handles what happens to invoices.
func Payments(a *app.App) []message.Handler {
	return []message.Handler{
		message.OnEvent(func(ctx context.Context, tx *store.Tx, _ message.Meta, e *paymentsv1.InvoiceCreated) error {
			return a.InvoiceOrder(ctx, tx, e.GetInvoice().GetOrderId(), e.GetInvoice().GetId())
		}),
		message.OnEvent(func(ctx context.Context, tx *store.Tx, _ message.Meta, e *paymentsv1.InvoicePaid) error {
			return a.CompleteOrder(ctx, tx, e.GetInvoice().GetOrderId(), e.GetInvoice().GetId())
		}),
		message.OnEvent(func(ctx context.Context, tx *store.Tx, _ message.Meta, e *paymentsv1.InvoiceCanceled) error {
			return a.CancelUnpaidOrder(ctx, tx, e.GetInvoice().GetOrderId(), e.GetInvoice().GetId())
		}),
	}
}
