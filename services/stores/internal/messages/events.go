package messages

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	storesv1 "mallbots.example/api/mallbots/stores/v1"
	"mallbots.example/pkg/es"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
	"mallbots.example/services/internal/topics"
	"mallbots.example/services/stores/internal/convert"
	"mallbots.example/services/stores/internal/domain"
)

// Events publishes what happened to a store or a product, with the whole of it as it is after the change.
type Events struct{ publisher message.Publisher }

// NewEvents publishes by way of publisher.
func NewEvents(publisher message.Publisher) Events { return Events{publisher: publisher} }

// PublishStore implements app.Events.
func (e Events) PublishStore(ctx context.Context, tx *store.Tx, shop *domain.Store) {
	for _, change := range shop.Changes() {
		e.publisher.Publish(ctx, tx, message.Event(topics.StoresEvents, shop.ID(), storeBody(change.Event, convert.Store(shop.View()))))
	}
}

// PublishProduct implements app.Events.
func (e Events) PublishProduct(ctx context.Context, tx *store.Tx, product *domain.Product) {
	for _, change := range product.Changes() {
		e.publisher.Publish(ctx, tx, message.Event(topics.StoresEvents, product.ID(), productBody(change.Event, convert.Product(product.View()))))
	}
}

func storeBody(event es.Event, shop *storesv1.Store) proto.Message {
	switch event.(type) {
	case domain.StoreCreated:
		return &storesv1.StoreCreated{Store: shop}
	case domain.StoreRebranded:
		return &storesv1.StoreRebranded{Store: shop}
	case domain.ParticipationEnabled, domain.ParticipationDisabled:
		return &storesv1.StoreParticipationChanged{Store: shop}
	}
	panic(fmt.Sprintf("stores: no message for the event %q", event.EventName()))
}

func productBody(event es.Event, product *storesv1.Product) proto.Message {
	switch event.(type) {
	case domain.ProductAdded:
		return &storesv1.ProductAdded{Product: product}
	case domain.ProductRebranded:
		return &storesv1.ProductRebranded{Product: product}
	case domain.ProductPriceIncreased, domain.ProductPriceDecreased:
		return &storesv1.ProductPriceChanged{Product: product}
	case domain.ProductRemoved:
		return &storesv1.ProductRemoved{Product: product}
	}
	panic(fmt.Sprintf("stores: no message for the event %q", event.EventName()))
}
