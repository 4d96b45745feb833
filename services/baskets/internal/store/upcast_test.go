package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/es"
	"mallbots.example/pkg/es/estest"
	"mallbots.example/pkg/money"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
	"mallbots.example/services/baskets/internal/domain"
	basketstore "mallbots.example/services/baskets/internal/store"
)

// Baskets that were checked out before checkouts told their total are in the databases for good.
func TestABasketThatWasCheckedOutBeforeSchema2HasItsTotal(t *testing.T) {
	storetest.Each(t, []store.Schema{es.Schema}, func(t *testing.T, db *store.DB) {
		golden := estest.Read(t, "../domain/testdata/basket.golden")
		monday := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
		require.NoError(t, db.Do(t.Context(), func(_ context.Context, tx *store.Tx) error {
			for i, name := range []string{"basket.started", "basket.item_added", "basket.item_removed", "basket.checked_out"} {
				forms := golden[estest.Form{Name: name, Schema: 1}]
				require.Len(t, forms, 1)
				tx.Queue(`INSERT INTO events (aggregate_kind, aggregate_id, version, name, schema_version, data, recorded_at)
					VALUES ('basket', 'old', $1, $2, 1, $3, $4)`, i+1, name, string(forms[0]), monday)
			}
			// Its snapshot has no total either.
			tx.Queue(`INSERT INTO snapshots (aggregate_kind, aggregate_id, version, schema_version, state, created_at, updated_at)
				VALUES ('basket', 'old', 4, 1, '{"customer_id": "ada", "status": "checked_out"}', $1, $2)`, monday, monday)
			return nil
		}))
		require.NoError(t, db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			basket, err := basketstore.NewBaskets().Load(ctx, tx, "old")
			require.NoError(t, err)
			require.EqualValues(t, 4, basket.Version())
			quote, err := basket.Quote(nil)
			require.NoError(t, err)
			usd := func(cents int64) money.Money { return money.Must("USD", cents) }
			require.Equal(t, domain.Quote{Items: []domain.Item{{
				ProductID: "kettle", StoreID: "tea", ProductName: "Kettle", StoreName: "Tea & Co", Price: usd(2500), Quantity: 2,
			}}, Total: usd(5000)}, quote)
			return nil
		}))
	})
}
