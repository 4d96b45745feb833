package domain_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

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

// What was agreed is what was stored, not what the items would cost by the rules of today.
func TestTheTotalOfACheckoutIsNotReckonedAgain(t *testing.T) {
	discounted := checkedOut
	discounted.Total = usd(4500)
	quote, err := life(twoKettles, discounted).Quote(offered())
	require.NoError(t, err)
	require.Equal(t, usd(4500), quote.Total)
}

func TestACheckoutOfSchema1ThatCannotBeAddedUpIsAnError(t *testing.T) {
	const free = `{"product_id":"gift","price":{"currency":"EUR","minor_units":0},"quantity":1}`
	const paid = `{"product_id":"kettle","price":{"currency":"USD","minor_units":2500},"quantity":1}`
	for _, broken := range []string{`[]`, `{"items":7}`, `{"items":[` + free + `,` + paid + `]}`} {
		_, err := domain.Codec().Decode("basket.checked_out", 1, json.RawMessage(broken))
		require.ErrorContains(t, err, `event "basket.checked_out": upcast from schema version 1: `)
	}
}
