package app_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/es"
	"mallbots.example/pkg/money"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
	"mallbots.example/pkg/watch"
	"mallbots.example/services/internal/mall"
	"mallbots.example/services/ordering/internal/app"
	"mallbots.example/services/ordering/internal/domain"
	orderstore "mallbots.example/services/ordering/internal/store"
)

// silent tells nobody.
type silent struct{}

func (silent) Publish(context.Context, *store.Tx, *domain.Order) {}

func replica(db *store.DB) *app.App {
	return app.New(db, orderstore.NewOrders(), silent{}, clock.System{})
}

func each(t *testing.T, test func(t *testing.T, db *store.DB)) {
	storetest.Each(t, []store.Schema{es.Schema, orderstore.Schema}, test)
}

func do(t *testing.T, db *store.DB, work func(ctx context.Context, tx *store.Tx) error) {
	t.Helper()
	require.NoError(t, db.Do(t.Context(), work))
}

func place(ctx context.Context, tx *store.Tx, a *app.App) error {
	return a.CreateOrder(ctx, tx, "o1", domain.Draft{CustomerID: "ada", PaymentID: "visa", Items: []domain.Item{
		{ProductID: "tea", StoreID: "pantry", Price: money.Must(mall.Currency, 450), Quantity: 1},
	}})
}

func TestWhatAnotherReplicaChangesIsSeenWithinTheInterval(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		here, there := replica(db), replica(db)
		do(t, db, func(ctx context.Context, tx *store.Tx) error { return place(ctx, tx, there) })
		var seen []domain.Status
		ctx, cancel := context.WithTimeout(t.Context(), 20*watch.Interval)
		defer cancel()
		require.NoError(t, here.WatchOrder(ctx, "o1", func(order domain.View) error {
			seen = append(seen, order.Status)
			if order.Status == domain.Pending {
				do(t, db, func(ctx context.Context, tx *store.Tx) error { return there.RejectOrder(ctx, tx, "o1", "OUT_OF_STOCK") })
			}
			return nil
		}))
		require.Equal(t, []domain.Status{domain.Pending, domain.Rejected}, seen)
	})
}

func TestChangesCloseTogetherMayComeAsOneAndTheLastIsNeverMissed(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		a := replica(db)
		do(t, db, func(ctx context.Context, tx *store.Tx) error { return place(ctx, tx, a) })
		var versions []int64
		require.NoError(t, a.WatchOrder(t.Context(), "o1", func(order domain.View) error {
			versions = append(versions, order.Version)
			if order.Status == domain.Pending {
				do(t, db, func(ctx context.Context, tx *store.Tx) error { return a.ApproveOrder(ctx, tx, "o1", "list") })
				do(t, db, func(ctx context.Context, tx *store.Tx) error { return a.CompleteOrder(ctx, tx, "o1", "bill") })
			}
			return nil
		}))
		require.Equal(t, []int64{1, 6}, versions)
	})
}

func TestAWatchEndsWithAnErrorOfTheDatabaseOrOfItsClient(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		a := replica(db)
		do(t, db, func(ctx context.Context, tx *store.Tx) error { return place(ctx, tx, a) })
		gone := errors.New("the client is gone")
		require.ErrorIs(t, a.WatchOrder(t.Context(), "o1", func(domain.View) error { return gone }), gone)

		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		do(t, db, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `ALTER TABLE orders RENAME TO gone`)
			return err
		})
		require.Error(t, a.WatchOrder(ctx, "o1", func(domain.View) error { return nil }))
		require.NoError(t, ctx.Err(), "it did not wait for its deadline")
	})
}

func TestAUnitThatIsRolledBackChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		a, broken := replica(db), errors.New("broken")
		require.ErrorIs(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			require.NoError(t, place(ctx, tx, a))
			require.NoError(t, a.ApproveOrder(ctx, tx, "o1", "list"), "the unit sees what it has written")
			return broken
		}), broken)
		_, err := a.GetOrder(t.Context(), "o1")
		require.ErrorContains(t, err, "there is no order o1")
	})
}
