// Package messages is what ordering tells other services, what it learns from them and what they ask of it.
package messages

import (
	"context"

	"google.golang.org/protobuf/proto"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
	"mallbots.example/services/ordering/internal/app"
)

// Commands handles what sagas ask of ordering.
func Commands(a *app.App) []message.Handler {
	return []message.Handler{
		message.OnCommand(func(ctx context.Context, tx *store.Tx, _ message.Meta, c *orderingv1.ApproveOrder) (proto.Message, error) {
			return nil, a.ApproveOrder(ctx, tx, c.GetOrderId(), c.GetShoppingListId())
		}),
		message.OnCommand(func(ctx context.Context, tx *store.Tx, _ message.Meta, c *orderingv1.RejectOrder) (proto.Message, error) {
			return nil, a.RejectOrder(ctx, tx, c.GetOrderId(), c.GetReason())
		}),
		message.OnCommand(func(ctx context.Context, tx *store.Tx, _ message.Meta, c *orderingv1.ConfirmCancel) (proto.Message, error) {
			return nil, a.ConfirmCancel(ctx, tx, c.GetOrderId())
		}),
		message.OnCommand(func(ctx context.Context, tx *store.Tx, _ message.Meta, c *orderingv1.RefuseCancel) (proto.Message, error) {
			return nil, a.RefuseCancel(ctx, tx, c.GetOrderId(), c.GetReason())
		}),
	}
}
