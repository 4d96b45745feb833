package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/payments/internal/domain"
)

// ConfirmPayment binds the payment of an order to it.
func (a *App) ConfirmPayment(ctx context.Context, tx *store.Tx, order domain.Order) error {
	payment, err := a.payments.Get(ctx, tx, order.PaymentID)
	if err != nil {
		return err
	}
	if err := payment.Confirm(order, a.clock.Now()); err != nil {
		return err
	}
	a.savePayment(ctx, tx, payment)
	return nil
}
