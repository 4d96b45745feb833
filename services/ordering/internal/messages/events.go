package messages

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
	"mallbots.example/services/internal/topics"
	"mallbots.example/services/ordering/internal/convert"
	"mallbots.example/services/ordering/internal/domain"
)

// Events publishes what happened to an order, each time with the order as it was right after.
type Events struct{ publisher message.Publisher }

// NewEvents publishes by way of publisher.
func NewEvents(publisher message.Publisher) Events { return Events{publisher: publisher} }

// Publish implements app.Events.
func (e Events) Publish(ctx context.Context, tx *store.Tx, order *domain.Order) {
	for _, happening := range order.Happened() {
		if told := body(happening); told != nil {
			e.publisher.Publish(ctx, tx, message.Event(topics.OrderingEvents, order.ID(), told))
		}
	}
}

// body is the message of what happened; nil for what is not told.
func body(h domain.Happening) proto.Message {
	order := convert.Order(h.Order)
	switch event := h.Event.(type) {
	case domain.OrderCreated:
		return &orderingv1.OrderCreated{Order: order}
	case domain.OrderApproved:
		return &orderingv1.OrderApproved{Order: order}
	case domain.OrderRejected:
		return &orderingv1.OrderRejected{Order: order}
	case domain.OrderShoppingStarted:
		return &orderingv1.OrderShoppingStarted{Order: order}
	case domain.OrderReadied:
		return &orderingv1.OrderReadied{Order: order}
	case domain.OrderInvoiced:
		return nil // payments has told everyone
	case domain.OrderCompleted:
		return &orderingv1.OrderCompleted{Order: order}
	case domain.OrderCancelRequested:
		return &orderingv1.OrderCancelRequested{
			Order: order, StatusBefore: convert.Status(event.StatusBefore), Cause: convert.Cause(event.Cause),
		}
	case domain.OrderCancelRefused:
		// The order is what it was before, and who shows it must learn that. A pending one is told when its checks end: another
		// OrderCreated would be no news of it.
		if h.Order.Status == domain.Approved {
			return &orderingv1.OrderApproved{Order: order}
		}
		return nil
	case domain.OrderCanceled:
		return &orderingv1.OrderCanceled{Order: order}
	}
	panic(fmt.Sprintf("ordering: no message for the event %q", h.Event.EventName()))
}
