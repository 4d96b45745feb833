// Package messages is what depot tells other services and what they ask of it.
package messages

import (
	"context"

	"google.golang.org/protobuf/proto"

	depotv1 "mallbots.example/api/mallbots/depot/v1"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
	"mallbots.example/services/depot/internal/app"
)

// Commands handles what sagas ask of depot.
func Commands(a *app.App) []message.Handler {
	return []message.Handler{
		message.OnCommand(func(ctx context.Context, tx *store.Tx, _ message.Meta, c *depotv1.CreateShoppingList) (proto.Message, error) {
			wanted := make([]app.Wanted, len(c.GetItems()))
			for i, item := range c.GetItems() {
				wanted[i] = app.Wanted{ProductID: item.GetProductId(), Quantity: int64(item.GetQuantity())}
			}
			list, err := a.CreateShoppingList(ctx, tx, c.GetOrderId(), wanted)
			if err != nil {
				return nil, err
			}
			return &depotv1.CreateShoppingListResult{ShoppingListId: list.ID()}, nil
		}),
		message.OnCommand(func(ctx context.Context, tx *store.Tx, _ message.Meta, c *depotv1.CancelShoppingList) (proto.Message, error) {
			if c.GetOnlyIfUnassigned() {
				return nil, a.CancelUnassignedListOfOrder(ctx, tx, c.GetOrderId())
			}
			return nil, a.CancelListOfOrder(ctx, tx, c.GetOrderId())
		}),
		message.OnCommand(func(ctx context.Context, tx *store.Tx, _ message.Meta, c *depotv1.InitiateShopping) (proto.Message, error) {
			return nil, a.InitiateShopping(ctx, tx, c.GetOrderId())
		}),
	}
}
