package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/ordering/internal/domain"
)

// StartShopping says that a bot has the shopping list of an order.
func (a *App) StartShopping(ctx context.Context, tx *store.Tx, id, shoppingListID string) error {
	return a.told(ctx, tx, id, func(o *domain.Order) error {
		return o.StartShopping(shoppingListID, a.clock.Now())
	})
}
