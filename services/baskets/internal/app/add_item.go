package app

import (
	"context"
	"errors"

	"mallbots.example/pkg/store"
	"mallbots.example/services/baskets/internal/domain"
)

// AddItem puts pieces of a product into a basket.
func (a *App) AddItem(ctx context.Context, id, productID string, quantity int32) (View, error) {
	return a.change(ctx, id, func(ctx context.Context, tx *store.Tx, b *domain.Basket) (domain.Offers, error) {
		offers, err := a.offers.Of(ctx, tx, append(b.ProductIDs(), productID))
		if err != nil {
			return nil, err
		}
		err = b.AddItem(offers[productID], quantity, a.clock.Now())
		// The news that a store takes part may still be on its way. A customer who has seen it in the mall is not to be refused for that.
		if errors.Is(err, domain.ErrStoreNotParticipating) {
			if offers[productID], err = a.offers.Confirm(ctx, tx, offers[productID]); err != nil {
				return nil, err
			}
			err = b.AddItem(offers[productID], quantity, a.clock.Now())
		}
		return offers, err
	})
}
