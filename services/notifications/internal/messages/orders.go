// Package messages is what notifications hears of other services.
package messages

import (
	"context"
	"errors"

	"google.golang.org/protobuf/proto"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/money"
	"mallbots.example/pkg/money/moneypb"
	"mallbots.example/pkg/store"
	"mallbots.example/services/notifications/internal/app"
	"mallbots.example/services/notifications/internal/domain"
)

// Orders handles what happens to orders, as far as their customers are told. The order's version plays no part: each of the four happens
// once at the most, and its customer is told of it whatever else they know already.
func Orders(a *app.App) []message.Handler {
	return []message.Handler{
		tell[*orderingv1.OrderCreated](a, domain.OrderReceived),
		tell[*orderingv1.OrderReadied](a, domain.OrderReady),
		tell[*orderingv1.OrderCanceled](a, domain.OrderCanceled),
		tell[*orderingv1.OrderRejected](a, domain.OrderRejected),
	}
}

// orderEvent is what the events have in common.
type orderEvent interface {
	proto.Message
	GetOrder() *orderingv1.Order
}

func tell[E orderEvent](a *app.App, kind domain.Kind) message.Handler {
	return message.OnEvent(func(ctx context.Context, tx *store.Tx, _ message.Meta, event E) error {
		order := event.GetOrder()
		if order.GetId() == "" {
			return errNoOrder
		}
		total, err := moneypb.FromProto(order.GetTotal())
		if err != nil {
			total = money.Money{} // a customer is told all the same
		}
		return a.NotifyCustomer(ctx, tx, kind, domain.Order{
			ID: order.GetId(), CustomerID: order.GetCustomerId(), Total: total, RejectReason: order.GetRejectReason(),
		})
	})
}

// errNoOrder ends among the dead letters: an event without an order's id would stand for all orders that lack one.
var errNoOrder = errors.New("an event without an order")
