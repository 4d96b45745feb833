package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/stores/internal/domain"
)

// AdjustStock adds a delivery to the stock of a product, or takes a loss from it. The product itself does not change.
func (a *App) AdjustStock(ctx context.Context, productID string, delta int64) (listing domain.Listing, err error) {
	err = a.db.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
		if listing, err = a.catalog.Get(ctx, tx, productID); err != nil {
			return err
		}
		if err := listing.CheckSold(); err != nil {
			return err
		}
		// Orders may have taken some since the catalog was read.
		stock, err := a.stock.Lock(ctx, tx, productID)
		if err != nil {
			return err
		}
		if listing.Stock, err = stock.Adjust(delta); err != nil {
			return err
		}
		a.stock.Set(tx, productID, listing.Stock)
		return nil
	})
	return listing, err
}
