package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/ordering/internal/domain"
)

// ConfirmCancel ends an order of which everything was given back.
func (a *App) ConfirmCancel(ctx context.Context, tx *store.Tx, id string) error {
	return a.told(ctx, tx, id, func(o *domain.Order) error {
		o.ConfirmCancel(a.clock.Now())
		return nil
	})
}
