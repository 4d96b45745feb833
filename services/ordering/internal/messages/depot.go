package messages

import (
	"context"

	depotv1 "mallbots.example/api/mallbots/depot/v1"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
	"mallbots.example/services/ordering/internal/app"
)

// Depot handles what happens to shopping lists. That one is available changes nothing for its order. The order of one that was given up is
// canceled; what becomes of the order of one that a saga canceled is for that saga to say.
func Depot(a *app.App) []message.Handler {
	return []message.Handler{
		message.OnEvent(func(ctx context.Context, tx *store.Tx, _ message.Meta, e *depotv1.ShoppingListAssigned) error {
			return a.StartShopping(ctx, tx, e.GetShoppingList().GetOrderId(), e.GetShoppingList().GetId())
		}),
		message.OnEvent(func(ctx context.Context, tx *store.Tx, _ message.Meta, e *depotv1.ShoppingListCompleted) error {
			return a.ReadyOrder(ctx, tx, e.GetShoppingList().GetOrderId(), e.GetShoppingList().GetId())
		}),
		message.OnEvent(func(ctx context.Context, tx *store.Tx, _ message.Meta, e *depotv1.ShoppingListCanceled) error {
			if !e.GetGivenUp() {
				return nil
			}
			return a.GiveUpOrder(ctx, tx, e.GetShoppingList().GetOrderId())
		}),
	}
}
