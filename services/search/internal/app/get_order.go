package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/search/internal/domain"
)

// GetOrder gives one order.
func (a *App) GetOrder(ctx context.Context, id string) (order domain.Found, err error) {
	err = a.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		order, err = a.Orders.Get(ctx, tx, id)
		return err
	})
	return order, err
}
