package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/baskets/internal/domain"
)

// StartBasket gives a customer an empty basket.
func (a *App) StartBasket(ctx context.Context, customerID string) (view View, err error) {
	err = a.db.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
		basket, err := domain.Start(a.newID(), customerID, a.clock.Now())
		if err != nil {
			return err
		}
		view, err = a.save(ctx, tx, basket, nil)
		return err
	})
	return view, err
}
