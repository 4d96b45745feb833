package domain_test

import (
	"testing"

	"mallbots.example/pkg/es/estest"
	"mallbots.example/services/stores/internal/domain"
)

func TestWhatIsStoredOfStoresStaysReadable(t *testing.T) {
	estest.Golden(t, "testdata/store.golden", domain.StoreCodec(), func() *domain.Store { return &domain.Store{} },
		domain.StoreCreated{Name: "Waldorf", Location: "2nd floor"},
		domain.StoreRebranded{Name: "Waldorf & Statler"},
		domain.ParticipationDisabled{},
		domain.ParticipationEnabled{},
	)
}

func TestWhatIsStoredOfProductsStaysReadable(t *testing.T) {
	estest.Golden(t, "testdata/product.golden", domain.ProductCodec(), func() *domain.Product { return &domain.Product{} },
		domain.ProductAdded(wizard),
		domain.ProductRebranded{Name: "Wizard", Description: "Looks into the past"},
		domain.ProductPriceIncreased{Price: usd(1998)},
		domain.ProductPriceDecreased{Price: usd(498)},
		domain.ProductRemoved{},
	)
}
