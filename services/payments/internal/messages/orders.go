package messages

import (
	"context"
	"errors"
	"fmt"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/money/moneypb"
	"mallbots.example/pkg/store"
	"mallbots.example/services/payments/internal/app"
	"mallbots.example/services/payments/internal/domain"
)

// Orders handles what happens to orders: one that is ready is to be paid, one that came to nothing is not. The order's version plays no
// part: each of the three happens once at most, and what comes first is remembered.
func Orders(a *app.App) []message.Handler {
	return []message.Handler{
		message.OnEvent(func(ctx context.Context, tx *store.Tx, _ message.Meta, e *orderingv1.OrderReadied) error {
			order, err := orderOf(e.GetOrder())
			if err != nil {
				return err
			}
			return a.CreateInvoice(ctx, tx, order)
		}),
		message.OnEvent(func(ctx context.Context, tx *store.Tx, _ message.Meta, e *orderingv1.OrderCanceled) error {
			return cancelInvoice(ctx, tx, a, e.GetOrder())
		}),
		message.OnEvent(func(ctx context.Context, tx *store.Tx, _ message.Meta, e *orderingv1.OrderRejected) error {
			return cancelInvoice(ctx, tx, a, e.GetOrder())
		}),
	}
}

func cancelInvoice(ctx context.Context, tx *store.Tx, a *app.App, order *orderingv1.Order) error {
	if order.GetId() == "" {
		return errNoOrder
	}
	return a.CancelOrderInvoice(ctx, tx, order.GetId())
}

// errNoOrder ends among the dead letters: an event without an order's id would stand for all orders that lack one.
var errNoOrder = errors.New("an event without an order")

func orderOf(o *orderingv1.Order) (domain.Order, error) {
	if o.GetId() == "" {
		return domain.Order{}, errNoOrder
	}
	total, err := moneypb.FromProto(o.GetTotal())
	if err != nil {
		return domain.Order{}, fmt.Errorf("total of order %s: %w", o.GetId(), err)
	}
	return domain.Order{ID: o.GetId(), CustomerID: o.GetCustomerId(), PaymentID: o.GetPaymentId(), Total: total}, nil
}
