// Package messages is what baskets tells other services.
package messages

import (
	"context"

	"google.golang.org/protobuf/proto"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	"mallbots.example/pkg/es"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
	"mallbots.example/services/baskets/internal/app"
	"mallbots.example/services/baskets/internal/convert"
	"mallbots.example/services/baskets/internal/domain"
	"mallbots.example/services/internal/topics"
)

// Events publishes how a basket ended, with the basket as it is after the change.
type Events struct{ publisher message.Publisher }

// NewEvents publishes by way of publisher.
func NewEvents(publisher message.Publisher) Events { return Events{publisher: publisher} }

// Publish implements app.Events.
func (e Events) Publish(ctx context.Context, tx *store.Tx, view app.View) {
	for _, change := range view.Changes() {
		if body := body(change.Event, view); body != nil {
			e.publisher.Publish(ctx, tx, message.Event(topics.BasketsEvents, view.ID(), body))
		}
	}
}

// body is the message of an event, or nil: what happens to an open basket concerns nobody else.
func body(event es.Event, view app.View) proto.Message {
	switch event.(type) {
	case domain.BasketCheckedOut:
		return &basketsv1.BasketCheckedOut{Basket: convert.Basket(view)}
	case domain.BasketCanceled:
		return &basketsv1.BasketCanceled{Basket: convert.Basket(view)}
	default:
		return nil
	}
}
