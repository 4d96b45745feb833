// Package messages is what stores tells other services, what they ask of it, and what it hears of orders.
package messages

import (
	"context"

	"google.golang.org/protobuf/proto"

	storesv1 "mallbots.example/api/mallbots/stores/v1"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
	"mallbots.example/services/stores/internal/app"
	"mallbots.example/services/stores/internal/domain"
)

// Commands handles what sagas ask of stores.
func Commands(a *app.App) []message.Handler {
	return []message.Handler{
		message.OnCommand(func(ctx context.Context, tx *store.Tx, _ message.Meta, c *storesv1.ReserveStock) (proto.Message, error) {
			// The catalog knows which store sells a product: what the order believes is not asked.
			items := make([]domain.Line, len(c.GetItems()))
			for i, item := range c.GetItems() {
				items[i] = domain.Line{ProductID: item.GetProductId(), Quantity: int64(item.GetQuantity())}
			}
			return nil, a.ReserveStock(ctx, tx, c.GetOrderId(), items)
		}),
		message.OnCommand(func(ctx context.Context, tx *store.Tx, _ message.Meta, c *storesv1.ReleaseStock) (proto.Message, error) {
			return nil, a.ReleaseStock(ctx, tx, c.GetOrderId())
		}),
	}
}
