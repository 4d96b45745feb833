package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/payments/internal/domain"
)

// GetPayment gives one payment.
func (a *App) GetPayment(ctx context.Context, id string) (payment *domain.Payment, err error) {
	err = a.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		payment, err = a.payments.Get(ctx, tx, id)
		return err
	})
	return payment, err
}
