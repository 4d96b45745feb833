package messages

import (
	"context"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
	"mallbots.example/services/stores/internal/app"
)

// Orders handles what stores hears of orders. Rejected and canceled ones are not waited for: their saga releases what they hold.
func Orders(a *app.App) []message.Handler {
	return []message.Handler{
		message.OnEvent(func(ctx context.Context, tx *store.Tx, _ message.Meta, e *orderingv1.OrderCompleted) error {
			return a.CloseReservation(ctx, tx, e.GetOrder().GetId())
		}),
	}
}
