package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/ordering/internal/domain"
)

// GetOrder gives one order.
func (a *App) GetOrder(ctx context.Context, id string) (view domain.View, err error) {
	err = a.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		var found bool
		if view, found, err = a.orders.Newer(ctx, tx, id, 0); err == nil && !found {
			return domain.NotFound(id)
		}
		return err
	})
	return view, err
}
