package app

import (
	"context"

	"mallbots.example/pkg/store"
)

// GetBasket gives one basket, at current prices while it is open.
func (a *App) GetBasket(ctx context.Context, id string) (view View, err error) {
	err = a.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		basket, err := a.baskets.Load(ctx, tx, id)
		if err != nil {
			return err
		}
		offers, err := a.offers.Of(ctx, tx, basket.ProductIDs())
		if err != nil {
			return err
		}
		view.Basket = basket
		view.Quote, err = basket.Quote(offers)
		return err
	})
	return view, err
}
