package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/stores/internal/domain"
)

// ListStores gives up to limit stores, oldest first, after the one with the id after.
func (a *App) ListStores(ctx context.Context, participatingOnly bool, after string, limit int) (shops []domain.StoreView, err error) {
	err = a.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		shops, err = a.mall.List(ctx, tx, participatingOnly, after, limit)
		return err
	})
	return shops, err
}
