// Package messages is what payments tells other services, what it hears from them, and what they ask of it.
package messages

import (
	"context"

	"google.golang.org/protobuf/proto"

	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/money/moneypb"
	"mallbots.example/pkg/store"
	"mallbots.example/services/payments/internal/app"
	"mallbots.example/services/payments/internal/domain"
)

// Commands handles what sagas ask of payments.
func Commands(a *app.App) []message.Handler {
	return []message.Handler{
		message.OnCommand(func(ctx context.Context, tx *store.Tx, _ message.Meta, c *paymentsv1.ConfirmPayment) (proto.Message, error) {
			amount, err := moneypb.FromProto(c.GetAmount())
			if err != nil {
				return nil, err
			}
			return nil, a.ConfirmPayment(ctx, tx, domain.Order{
				ID: c.GetOrderId(), CustomerID: c.GetCustomerId(), PaymentID: c.GetPaymentId(), Total: amount,
			})
		}),
		message.OnCommand(func(ctx context.Context, tx *store.Tx, _ message.Meta, c *paymentsv1.VoidPayment) (proto.Message, error) {
			return nil, a.VoidPayment(ctx, tx, c.GetPaymentId(), c.GetOrderId())
		}),
	}
}
