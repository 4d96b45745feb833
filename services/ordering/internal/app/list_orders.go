package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/ordering/internal/domain"
)

// ListOrders gives up to limit orders of a customer, newest first, after the one with the id after.
func (a *App) ListOrders(ctx context.Context, customerID, after string, limit int) (views []domain.View, err error) {
	err = a.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		views, err = a.orders.List(ctx, tx, customerID, after, limit)
		return err
	})
	return views, err
}
