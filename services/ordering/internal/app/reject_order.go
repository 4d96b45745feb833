package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/ordering/internal/domain"
)

// RejectOrder ends an order that a check refused.
func (a *App) RejectOrder(ctx context.Context, tx *store.Tx, id, reason string) error {
	return a.told(ctx, tx, id, func(o *domain.Order) error {
		o.Reject(reason, a.clock.Now())
		return nil
	})
}
