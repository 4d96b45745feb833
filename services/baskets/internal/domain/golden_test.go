package domain_test

import (
	"testing"

	"mallbots.example/pkg/es/estest"
	"mallbots.example/services/baskets/internal/domain"
)

func TestWhatIsStoredOfBasketsStaysReadable(t *testing.T) {
	estest.Golden(t, "testdata/basket.golden", domain.Codec(), func() *domain.Basket { return &domain.Basket{} },
		domain.BasketStarted{CustomerID: "ada"},
		domain.ItemAdded{ProductID: "kettle", StoreID: "tea", Quantity: 3},
		domain.ItemRemoved{ProductID: "kettle", Quantity: 1},
		checkedOut,
		domain.BasketCanceled{Items: frozenItems},
	)
}
