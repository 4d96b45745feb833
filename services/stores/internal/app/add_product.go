package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/stores/internal/domain"
)

// AddProduct puts a new product on the shelf of a store.
func (a *App) AddProduct(ctx context.Context, p domain.NewProduct, stock domain.Stock) (listing domain.Listing, err error) {
	err = a.db.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
		// Stores are never taken away, so that the read model is proof enough of this one.
		if _, err := a.mall.Get(ctx, tx, p.StoreID); err != nil {
			return err
		}
		product, err := domain.AddProduct(a.newID(), p, a.clock.Now())
		if err != nil {
			return err
		}
		if err := a.checkSKU(ctx, tx, p.StoreID, p.SKU); err != nil {
			return err
		}
		listing = domain.Listing{ProductView: product.View(), Stock: stock}
		a.stock.Open(tx, product.ID(), stock)
		return a.saveProduct(ctx, tx, product)
	})
	return listing, err
}

// checkSKU: a sku names one product of its store for good, so that a receipt from before a removal can still be understood. It may be empty.
func (a *App) checkSKU(ctx context.Context, tx *store.Tx, storeID, sku string) error {
	if sku == "" {
		return nil
	}
	taken, err := a.catalog.HasSKU(ctx, tx, storeID, sku)
	if err != nil {
		return err
	}
	if taken {
		return domain.ErrSKUTaken
	}
	return nil
}
