package catalog

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	storesv1 "mallbots.example/api/mallbots/stores/v1"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/money/moneypb"
	"mallbots.example/pkg/store"
)

// Handlers keeps the copy up to date with topics.StoresEvents. Each event carries all that is kept, so that they may come in any order,
// again, or not at all: an older version than the one here changes nothing.
func (c *Catalog) Handlers() []message.Handler {
	return []message.Handler{
		onStore[*storesv1.StoreCreated](),
		onStore[*storesv1.StoreRebranded](),
		onStore[*storesv1.StoreParticipationChanged](),
		onProduct[*storesv1.ProductAdded](),
		onProduct[*storesv1.ProductRebranded](),
		onProduct[*storesv1.ProductPriceChanged](),
		onProduct[*storesv1.ProductRemoved](),
	}
}

// storeEvent and productEvent are what the events of each kind have in common.
type storeEvent interface {
	proto.Message
	GetStore() *storesv1.Store
}

type productEvent interface {
	proto.Message
	GetProduct() *storesv1.Product
}

func onStore[E storeEvent]() message.Handler {
	return message.OnEvent(func(_ context.Context, tx *store.Tx, _ message.Meta, event E) error {
		s, err := storeOf(event.GetStore())
		if err == nil {
			keepStore(tx, s)
		}
		return err
	})
}

func onProduct[E productEvent]() message.Handler {
	return message.OnEvent(func(_ context.Context, tx *store.Tx, _ message.Meta, event E) error {
		p, err := productOf(event.GetProduct())
		if err == nil {
			keepProduct(tx, p)
		}
		return err
	})
}

// storeOf reads a store of the API. One without an id or a version is no store: kept, it would stand for all that lack them.
func storeOf(s *storesv1.Store) (Store, error) {
	if s.GetId() == "" || s.GetVersion() < 1 {
		return Store{}, errors.New("a store without id or version")
	}
	return Store{
		ID: s.GetId(), Name: s.GetName(), Location: s.GetLocation(), Participating: s.GetParticipating(), Version: s.GetVersion(),
	}, nil
}

// productOf reads a product of the API; see storeOf.
func productOf(p *storesv1.Product) (Product, error) {
	if p.GetId() == "" || p.GetVersion() < 1 {
		return Product{}, errors.New("a product without id or version")
	}
	price, err := moneypb.FromProto(p.GetPrice())
	if err != nil {
		return Product{}, fmt.Errorf("price of product %s: %v", p.GetId(), err) //nolint:errorlint // no fault of whoever asked
	}
	return Product{
		ID: p.GetId(), StoreID: p.GetStoreId(), Name: p.GetName(), Price: price, Removed: p.GetRemoved(), Version: p.GetVersion(),
	}, nil
}
