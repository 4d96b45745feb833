package catalog_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	storesv1 "mallbots.example/api/mallbots/stores/v1"
	"mallbots.example/pkg/fault"
)

func TestEveryEventOfAProductIsKept(t *testing.T) {
	each(t, func(_ *testing.T, w world) {
		for i, event := range []func(*storesv1.Product) proto.Message{
			func(p *storesv1.Product) proto.Message { return &storesv1.ProductAdded{Product: p} },
			func(p *storesv1.Product) proto.Message { return &storesv1.ProductRebranded{Product: p} },
			func(p *storesv1.Product) proto.Message { return &storesv1.ProductPriceChanged{Product: p} },
		} {
			told, want := kettle(int64(i + 1))
			w.tell(event(told))
			w.hasProduct(want)
		}
		told, want := kettle(4)
		told.Removed, want.Removed = true, true
		w.tell(&storesv1.ProductRemoved{Product: told})
		w.hasProduct(want)
	})
}

func TestEveryEventOfAStoreIsKept(t *testing.T) {
	each(t, func(_ *testing.T, w world) {
		told, want := tea(1)
		w.tell(&storesv1.StoreCreated{Store: told})
		w.hasStore(want)
		told, want = tea(2)
		w.tell(&storesv1.StoreParticipationChanged{Store: told})
		w.hasStore(want)
		told, want = tea(3)
		told.Name, want.Name = "Tea & Sons", "Tea & Sons"
		w.tell(&storesv1.StoreRebranded{Store: told})
		w.hasStore(want)
	})
}

func TestEventsInAnyOrderAndNumberLeaveTheNewest(t *testing.T) {
	product := func(version int64) proto.Message {
		told, _ := kettle(version)
		return &storesv1.ProductPriceChanged{Product: told}
	}
	shop := func(version int64) proto.Message {
		told, _ := tea(version)
		return &storesv1.StoreParticipationChanged{Store: told}
	}
	for name, order := range map[string][]int64{
		"in order":         {1, 2, 3},
		"backwards":        {3, 2, 1},
		"the newest first": {3, 1, 2},
		"some missing":     {3},
		"several copies":   {1, 1, 3, 2, 3, 1},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(_ *testing.T, w world) {
				for _, version := range order {
					w.tell(product(version), shop(version))
				}
				_, wantProduct := kettle(3)
				w.hasProduct(wantProduct)
				_, wantStore := tea(3)
				w.hasStore(wantStore)
			})
		})
	}
}

func TestTheSameVersionWithOtherWordsChangesNothing(t *testing.T) {
	each(t, func(_ *testing.T, w world) {
		told, want := tea(2)
		w.tell(&storesv1.StoreCreated{Store: told})
		told.Name = "An impostor"
		w.tell(&storesv1.StoreRebranded{Store: told})
		w.hasStore(want)
	})
}

func TestWhatIsNoProductOrStoreIsNotKept(t *testing.T) {
	noPrice, _ := kettle(1)
	noPrice.Price = nil
	oddPrice, _ := kettle(1)
	oddPrice.Price.CurrencyCode = "dollars"
	noVersion, _ := kettle(0)
	noStoreVersion, _ := tea(0)
	noStoreID, _ := tea(1)
	noStoreID.Id = ""
	for name, event := range map[string]proto.Message{
		"a product without a price":   &storesv1.ProductAdded{Product: noPrice},
		"a product of odd currency":   &storesv1.ProductAdded{Product: oddPrice},
		"a product without a version": &storesv1.ProductAdded{Product: noVersion},
		"no product":                  &storesv1.ProductAdded{},
		"a store without a version":   &storesv1.StoreCreated{Store: noStoreVersion},
		"a store without an id":       &storesv1.StoreCreated{Store: noStoreID},
		"no store":                    &storesv1.StoreCreated{},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w world) {
				w.tell(event)
				for _, id := range []string{"kettle", ""} {
					_, err := w.products(w.DB.Read, id)
					require.ErrorIs(t, err, fault.Missing("PRODUCT_NOT_FOUND", ""))
				}
				for _, id := range []string{"tea", ""} {
					_, err := w.storesOf(w.DB.Read, id)
					require.ErrorIs(t, err, fault.Missing("STORE_NOT_FOUND", ""))
				}
			})
		})
	}
}
