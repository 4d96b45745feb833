package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/ordering/internal/domain"
)

// ReadyOrder says that a bot has collected an order.
func (a *App) ReadyOrder(ctx context.Context, tx *store.Tx, id, shoppingListID string) error {
	return a.told(ctx, tx, id, func(o *domain.Order) error {
		return o.MakeReady(shoppingListID, a.clock.Now())
	})
}
