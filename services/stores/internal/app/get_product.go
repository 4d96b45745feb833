package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/stores/internal/domain"
)

// GetProduct gives one product, a removed one too.
func (a *App) GetProduct(ctx context.Context, id string) (listing domain.Listing, err error) {
	err = a.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		listing, err = a.catalog.Get(ctx, tx, id)
		return err
	})
	return listing, err
}
