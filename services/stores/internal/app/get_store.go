package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/stores/internal/domain"
)

// GetStore gives one store.
func (a *App) GetStore(ctx context.Context, id string) (shop domain.StoreView, err error) {
	err = a.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		shop, err = a.mall.Get(ctx, tx, id)
		return err
	})
	return shop, err
}
