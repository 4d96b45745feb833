package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/search/internal/domain"
)

// SearchOrders gives up to limit orders that match the filter, newest first, after the place given.
func (a *App) SearchOrders(ctx context.Context, filter domain.Filter, after domain.Place, limit int) (orders []domain.Found, err error) {
	if err := filter.Check(); err != nil {
		return nil, err
	}
	err = a.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		orders, err = a.Orders.Search(ctx, tx, filter, after, limit)
		return err
	})
	return orders, err
}
