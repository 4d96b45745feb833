package messages

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	depotv1 "mallbots.example/api/mallbots/depot/v1"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
	"mallbots.example/services/depot/internal/convert"
	"mallbots.example/services/depot/internal/domain"
	"mallbots.example/services/internal/topics"
)

// Events publishes what happened to a shopping list, with the list as it is after the change.
type Events struct{ publisher message.Publisher }

// NewEvents publishes by way of publisher.
func NewEvents(publisher message.Publisher) Events { return Events{publisher: publisher} }

// Publish implements app.Events.
func (e Events) Publish(ctx context.Context, tx *store.Tx, list *domain.ShoppingList) {
	for _, event := range list.Events() {
		if news := body(event, list); news != nil {
			e.publisher.Publish(ctx, tx, message.Event(topics.DepotEvents, list.ID(), news).PartOf(list.State().OrderID))
		}
	}
}

// body is the message of an event, nil for what is no news: the saga has the reply for its pending list, and a tombstone is no list.
func body(event domain.Status, l *domain.ShoppingList) proto.Message {
	list := convert.ShoppingList(l)
	switch event {
	case domain.Pending, domain.Tombstone:
		return nil
	case domain.Available:
		return &depotv1.ShoppingListAvailable{ShoppingList: list}
	case domain.Assigned:
		return &depotv1.ShoppingListAssigned{ShoppingList: list}
	case domain.Completed:
		return &depotv1.ShoppingListCompleted{ShoppingList: list}
	case domain.Canceled:
		return &depotv1.ShoppingListCanceled{ShoppingList: list, GivenUp: l.GivenUp()}
	}
	panic(fmt.Sprintf("depot: no message for the event %q", event))
}
