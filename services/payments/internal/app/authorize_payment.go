package app

import (
	"context"

	"mallbots.example/pkg/money"
	"mallbots.example/pkg/store"
	"mallbots.example/services/payments/internal/domain"
)

// AuthorizePayment sets money of a customer aside.
func (a *App) AuthorizePayment(ctx context.Context, customerID string, amount money.Money) (payment *domain.Payment, err error) {
	err = a.db.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
		if payment, err = domain.Authorize(a.newID(), customerID, amount, a.clock.Now()); err != nil {
			return err
		}
		a.savePayment(ctx, tx, payment)
		return nil
	})
	return payment, err
}
