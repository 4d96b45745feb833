// Package messages is what search hears of other services.
package messages

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
	"mallbots.example/services/search/internal/app"
	"mallbots.example/services/search/internal/convert"
	"mallbots.example/services/search/internal/domain"
)

// Orders handles what happens to orders: all of it. Each event carries the whole order, so that they may come in any order, again, or not
// at all.
func Orders(a *app.App) []message.Handler {
	return []message.Handler{
		record[*orderingv1.OrderCreated](a),
		record[*orderingv1.OrderApproved](a),
		record[*orderingv1.OrderRejected](a),
		record[*orderingv1.OrderShoppingStarted](a),
		record[*orderingv1.OrderReadied](a),
		record[*orderingv1.OrderCompleted](a),
		record[*orderingv1.OrderCancelRequested](a),
		record[*orderingv1.OrderCanceled](a),
	}
}

// orderEvent is what the events have in common.
type orderEvent interface {
	proto.Message
	GetOrder() *orderingv1.Order
}

func record[E orderEvent](a *app.App) message.Handler {
	return message.OnEvent(func(ctx context.Context, tx *store.Tx, _ message.Meta, event E) error {
		payload, err := proto.Marshal(event)
		if err != nil {
			return err
		}
		return a.RecordOrder(ctx, tx, app.Event{
			OrderID: event.GetOrder().GetId(), Version: event.GetOrder().GetVersion(), Type: message.TypeOf(event), Payload: payload,
		})
	})
}

// Decode gives the order in an event of the journal, whichever of the events about orders it is.
func Decode(e app.Event) (domain.Order, error) {
	kind, err := protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName(e.Type))
	if err != nil {
		return domain.Order{}, fmt.Errorf("%s: %w", e.Type, err)
	}
	event, ok := kind.New().Interface().(orderEvent)
	if !ok {
		return domain.Order{}, fmt.Errorf("%s is no event about an order", e.Type)
	}
	if err := proto.Unmarshal(e.Payload, event); err != nil {
		return domain.Order{}, fmt.Errorf("decoding %s: %w", e.Type, err)
	}
	return convert.OrderOf(event.GetOrder())
}
