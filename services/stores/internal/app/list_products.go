package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/stores/internal/domain"
)

// ListProducts gives up to limit products of a store that are not removed, oldest first, after the one with the id after.
func (a *App) ListProducts(ctx context.Context, storeID, after string, limit int) (listings []domain.Listing, err error) {
	err = a.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := a.mall.Get(ctx, tx, storeID); err != nil {
			return err
		}
		listings, err = a.catalog.List(ctx, tx, storeID, after, limit)
		return err
	})
	return listings, err
}
