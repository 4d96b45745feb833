package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/ordering/internal/domain"
)

// GiveUpOrder cancels an order whose shopping list the depot gave up.
func (a *App) GiveUpOrder(ctx context.Context, tx *store.Tx, id string) error {
	return a.told(ctx, tx, id, func(o *domain.Order) error {
		o.GiveUp(a.clock.Now())
		return nil
	})
}
