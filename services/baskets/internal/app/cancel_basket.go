package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/baskets/internal/domain"
)

// CancelBasket leaves a basket for good.
func (a *App) CancelBasket(ctx context.Context, id string) (View, error) {
	return a.change(ctx, id, func(ctx context.Context, tx *store.Tx, b *domain.Basket) (domain.Offers, error) {
		offers, err := a.offers.Of(ctx, tx, b.ProductIDs())
		if err != nil {
			return nil, err
		}
		return offers, b.Cancel(offers, a.clock.Now())
	})
}
