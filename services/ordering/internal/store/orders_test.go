package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/es"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/money"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
	"mallbots.example/services/internal/mall"
	"mallbots.example/services/ordering/internal/domain"
	orderstore "mallbots.example/services/ordering/internal/store"
)

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func each(t *testing.T, test func(t *testing.T, db *store.DB)) {
	storetest.Each(t, []store.Schema{es.Schema, orderstore.Schema}, test)
}

func create(t *testing.T, id, customer string, at time.Time) *domain.Order {
	t.Helper()
	order, err := domain.Create(id, domain.Draft{CustomerID: customer, PaymentID: "visa", Items: []domain.Item{
		{ProductID: "tea", StoreID: "pantry", ProductName: `"Tea" <ü>`, StoreName: "Pantry", Price: money.Must(mall.Currency, 450), Quantity: 3},
		{ProductID: "pot", StoreID: "kiln", ProductName: "Pot", StoreName: "Kiln", Price: money.Zero(mall.Currency), Quantity: 1},
	}}, at)
	require.NoError(t, err)
	return order
}

func save(t *testing.T, db *store.DB, orders orderstore.Orders, order *domain.Order) {
	t.Helper()
	require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error { return orders.Save(ctx, tx, order) }))
}

func get(t *testing.T, db *store.DB, orders orderstore.Orders, id string) (order *domain.Order) {
	t.Helper()
	require.NoError(t, db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
		order, err = orders.Get(ctx, tx, id)
		return err
	}))
	return order
}

// change loads an order, does the step and saves it.
func change(t *testing.T, db *store.DB, orders orderstore.Orders, id string, step func(o *domain.Order) error) {
	t.Helper()
	require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		order, err := orders.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := step(order); err != nil {
			return err
		}
		return orders.Save(ctx, tx, order)
	}))
}

func newer(t *testing.T, db *store.DB, id string, version int64) (view domain.View, found bool) {
	t.Helper()
	require.NoError(t, db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
		view, found, err = orderstore.NewOrders().Newer(ctx, tx, id, version)
		return err
	}))
	return view, found
}

// life is everything that can happen to one order.
var life = []func(o *domain.Order) error{
	func(o *domain.Order) error { return o.Approve("list", monday.Add(1*time.Hour)) },
	func(o *domain.Order) error { return o.Cancel(monday.Add(2 * time.Hour)) },
	func(o *domain.Order) error { o.RefuseCancel("LIST_ASSIGNED", monday.Add(3*time.Hour)); return nil },
	func(o *domain.Order) error { return o.StartShopping("list", monday.Add(4*time.Hour)) },
	func(o *domain.Order) error { return o.MakeReady("list", monday.Add(5*time.Hour)) },
	func(o *domain.Order) error { return o.Invoice("bill", monday.Add(6*time.Hour)) },
	func(o *domain.Order) error { return o.Complete("bill", monday.Add(7*time.Hour)) },
}

func TestTheRowOfAnOrderIsWhatItsEventsAddUpTo(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		orders := orderstore.NewOrders()
		save(t, db, orders, create(t, "o1", "ada", monday))
		for i, step := range life {
			loaded := get(t, db, orders, "o1").View()
			view, found := newer(t, db, "o1", int64(i))
			require.True(t, found)
			require.Equal(t, loaded, view)
			_, found = newer(t, db, "o1", view.Version)
			require.False(t, found, "nothing newer than what is known")
			change(t, db, orders, "o1", step)
		}
		require.Equal(t, domain.Completed, get(t, db, orders, "o1").State().Status)
		_, found := newer(t, db, "o2", 0)
		require.False(t, found)
	})
}

func TestARejectedOrderKeepsItsReason(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		orders := orderstore.NewOrders()
		save(t, db, orders, create(t, "o1", "ada", monday))
		change(t, db, orders, "o1", func(o *domain.Order) error { o.Reject("OUT_OF_STOCK", monday); return nil })
		view, _ := newer(t, db, "o1", 0)
		require.Equal(t, "OUT_OF_STOCK", view.RejectReason)
		require.Equal(t, get(t, db, orders, "o1").View(), view)
	})
}

// Each snapshot replaces reading the events before it: without them the order goes on all the same.
func TestAnOrderLivesOnFromItsSnapshots(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		orders, plain := orderstore.NewOrders(es.SnapshotEvery(1)), orderstore.NewOrders()
		save(t, db, orders, create(t, "o1", "ada", monday))
		save(t, db, plain, create(t, "o2", "ada", monday))
		for _, step := range life {
			forget(t, db, "o1")
			change(t, db, orders, "o1", step)
			change(t, db, plain, "o2", step)
			forget(t, db, "o1")
			snapped, replayed := get(t, db, orders, "o1"), get(t, db, plain, "o2")
			require.Equal(t, replayed.State(), snapped.State())
			require.Equal(t, replayed.Snapshot(), snapped.Snapshot(), "what only the rules know, too")
			require.Equal(t, replayed.CreatedAt(), snapped.CreatedAt())
			require.Equal(t, replayed.UpdatedAt(), snapped.UpdatedAt())
			require.Equal(t, replayed.Version(), snapped.Version())
		}
		require.Zero(t, count(t, db, `SELECT count(*) FROM events WHERE aggregate_id = 'o1'`), "it really was the snapshots")
		require.Zero(t, count(t, db, `SELECT count(*) FROM snapshots WHERE aggregate_id = 'o2'`), "an order's life is too short for one")
	})
}

// forget removes the events of an order.
func forget(t *testing.T, db *store.DB, id string) {
	t.Helper()
	require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.Exec(ctx, `DELETE FROM events WHERE aggregate_id = $1`, id)
		require.LessOrEqual(t, n, int64(1))
		return err
	}))
}

func count(t *testing.T, db *store.DB, query string) (n int) {
	t.Helper()
	require.NoError(t, db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error { return tx.QueryRow(ctx, query).Scan(&n) }))
	return n
}

func TestOfTwoThatChangeAnOrderAtOnceTheSecondSeesTheFirst(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		orders := orderstore.NewOrders()
		save(t, db, orders, create(t, "o1", "ada", monday))
		stale := get(t, db, orders, "o1")
		require.NoError(t, stale.Cancel(monday))
		change(t, db, orders, "o1", life[0])
		attempts := 0
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
			order := stale
			if attempts++; attempts > 1 {
				if order, err = orders.Get(ctx, tx, "o1"); err != nil {
					return err
				}
				if err := order.Cancel(monday); err != nil {
					return err
				}
			}
			return orders.Save(ctx, tx, order)
		}))
		require.Equal(t, 2, attempts)
		order := get(t, db, orders, "o1")
		require.Equal(t, domain.OrderCancelRequested{StatusBefore: domain.Approved, Cause: domain.ByCustomer}, lastEvent(t, db, order))
		view, _ := newer(t, db, "o1", 0)
		require.Equal(t, order.View(), view)
	})
}

func lastEvent(t *testing.T, db *store.DB, order *domain.Order) (last es.Event) {
	t.Helper()
	all := es.NewRepository("order", func() *domain.Order { return &domain.Order{} }, domain.Codec())
	require.NoError(t, db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		page, err := all.Events(ctx, tx, es.Stored{ID: order.ID()}, 100)
		require.NotEmpty(t, page)
		last = page[len(page)-1].Event
		return err
	}))
	return last
}

func TestAnOrderIsPlacedOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		orders := orderstore.NewOrders()
		save(t, db, orders, create(t, "o1", "ada", monday))
		late := create(t, "o1", "bob", monday)
		err := db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error { return orders.Save(ctx, tx, late) })
		require.ErrorIs(t, err, &fault.Error{Reason: store.ConflictReason})
		require.Equal(t, "ada", get(t, db, orders, "o1").State().CustomerID)
	})
}

func TestAnOrderCanBeSavedAgainInTheSameUnit(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		orders := orderstore.NewOrders()
		save(t, db, orders, create(t, "o1", "ada", monday))
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			order, err := orders.Get(ctx, tx, "o1")
			if err != nil {
				return err
			}
			for _, step := range life {
				require.NoError(t, step(order))
				require.NoError(t, orders.Save(ctx, tx, order))
			}
			return orders.Save(ctx, tx, order) // nothing to save
		}))
		view, _ := newer(t, db, "o1", 0)
		require.Equal(t, get(t, db, orders, "o1").View(), view)
		require.EqualValues(t, 8, view.Version)
	})
}

func TestListsAreOfOneCustomerNewestFirst(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		orders := orderstore.NewOrders()
		for i, id := range []string{"o3", "o9", "o1", "o5"} { // the order of the ids says nothing
			save(t, db, orders, create(t, id, "ada", monday.Add(time.Duration(i/2)*time.Hour)))
			save(t, db, orders, create(t, fmt.Sprintf("bobs%d", i), "bob", monday))
		}
		for _, test := range []struct {
			after string
			limit int
			want  []string
		}{
			{"", 10, []string{"o5", "o1", "o9", "o3"}},
			{"", 2, []string{"o5", "o1"}},
			{"o5", 2, []string{"o1", "o9"}},
			{"o9", 2, []string{"o3"}},
			{"o3", 2, nil},
			{"made up", 2, nil},
		} {
			require.NoError(t, db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				views, err := orders.List(ctx, tx, "ada", test.after, test.limit)
				var got []string
				for _, view := range views {
					got = append(got, view.ID)
					require.Equal(t, "ada", view.CustomerID)
				}
				require.Equal(t, test.want, got, "%d after %q", test.limit, test.after)
				return err
			}))
		}
	})
}

func TestARowThatCannotBeReadIsAnErrorAndNoRefusal(t *testing.T) {
	db := storetest.Open(t, es.Schema, orderstore.Schema) // only SQLite lets a JSON column be anything
	save(t, db, orderstore.NewOrders(), create(t, "o1", "ada", monday))
	for _, breakIt := range []string{`currency_code = '?'`, `currency_code = 'USD', items = '['`} {
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE orders SET `+breakIt)
			return err
		}))
		err := db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, _, err := orderstore.NewOrders().Newer(ctx, tx, "o1", 0)
			return err
		})
		require.ErrorContains(t, err, "order o1: ")
		_, isFault := fault.As(err)
		require.False(t, isFault)
	}
}
