package app

import (
	"context"
	"errors"

	"mallbots.example/pkg/store"
	"mallbots.example/services/payments/internal/domain"
)

// VoidPayment gives back what is set aside for an order. It never refuses: a payment that there is not, and never will be because payments
// make their own ids, holds nothing.
func (a *App) VoidPayment(ctx context.Context, tx *store.Tx, id, orderID string) error {
	payment, err := a.payments.Get(ctx, tx, id)
	if errors.Is(err, domain.PaymentNotFound(id)) {
		return nil
	}
	if err != nil {
		return err
	}
	payment.Void(orderID, a.clock.Now())
	a.savePayment(ctx, tx, payment)
	return nil
}
