package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/ordering/internal/domain"
)

// ApproveOrder ends the checks of an order: a bot may collect it by the shopping list.
func (a *App) ApproveOrder(ctx context.Context, tx *store.Tx, id, shoppingListID string) error {
	return a.told(ctx, tx, id, func(o *domain.Order) error {
		return o.Approve(shoppingListID, a.clock.Now())
	})
}
