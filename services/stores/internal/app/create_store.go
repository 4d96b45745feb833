package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/stores/internal/domain"
)

// CreateStore opens a store.
func (a *App) CreateStore(ctx context.Context, name, location string) (view domain.StoreView, err error) {
	err = a.db.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
		shop, err := domain.CreateStore(a.newID(), name, location, a.clock.Now())
		if err != nil {
			return err
		}
		view = shop.View()
		return a.saveStore(ctx, tx, shop)
	})
	return view, err
}
