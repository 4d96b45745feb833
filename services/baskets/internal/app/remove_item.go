package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/baskets/internal/domain"
)

// RemoveItem takes pieces of a product out of a basket.
func (a *App) RemoveItem(ctx context.Context, id, productID string, quantity int32) (View, error) {
	return a.change(ctx, id, func(ctx context.Context, tx *store.Tx, b *domain.Basket) (domain.Offers, error) {
		if err := b.RemoveItem(productID, quantity, a.clock.Now()); err != nil {
			return nil, err
		}
		return a.offers.Of(ctx, tx, b.ProductIDs())
	})
}
