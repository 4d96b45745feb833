package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/ordering/internal/domain"
)

// CompleteOrder says that an order is paid.
func (a *App) CompleteOrder(ctx context.Context, tx *store.Tx, id, invoiceID string) error {
	return a.told(ctx, tx, id, func(o *domain.Order) error {
		return o.Complete(invoiceID, a.clock.Now())
	})
}
