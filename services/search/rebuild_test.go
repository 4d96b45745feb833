package search_test

import (
	"context"
	"sync"
	"testing"

	"mallbots.example/pkg/service/servicetest"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	searchv1 "mallbots.example/api/mallbots/search/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/store"
)

func (w world) rebuild() *searchv1.RebuildOrdersResponse {
	w.t.Helper()
	resp, err := w.api.RebuildOrders(w.t.Context(), &searchv1.RebuildOrdersRequest{})
	require.NoError(w.t, err)
	return resp
}

func (w world) exec(statement string) {
	w.t.Helper()
	require.NoError(w.t, w.DB.Do(w.t.Context(), func(_ context.Context, tx *store.Tx) error {
		tx.Queue(statement)
		return nil
	}))
}

func (w world) count(query string) (count int) {
	w.t.Helper()
	require.NoError(w.t, w.DB.Read(w.t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, query).Scan(&count)
	}))
	return count
}

// history tells of some orders, each in several events, out of order, and gives them as they are in the end.
func (w world) history(orders int) []*orderingv1.Order {
	w.t.Helper()
	ada := w.customer("Ada")
	var last []*orderingv1.Order
	for i := range orders {
		o := order(ada, i, line("Tea", "Pantry", 450), line("Pot", "Kiln", 1200))
		last = append(last, later(o, 3, started))
		w.tell(later(o, 2, approved), last[i], o)
	}
	return last
}

func TestARebuildGivesTheSameResult(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.history(5)
		before := w.search(&searchv1.SearchOrdersRequest{})
		for range 2 {
			rebuilt := w.rebuild()
			require.EqualValues(t, 5, rebuilt.GetOrderCount())
			require.EqualValues(t, 15, rebuilt.GetEventCount())
			after := w.search(&searchv1.SearchOrdersRequest{})
			require.Len(t, after, len(before))
			for i := range before {
				require.True(t, proto.Equal(before[i], after[i]), "%v", after[i])
			}
			require.Equal(t, 5, w.count(`SELECT COUNT(*) FROM orders`), "the old rows are gone")
			require.Equal(t, 10, w.count(`SELECT COUNT(*) FROM order_items`))
		}
	})
}

func TestARebuildMendsTheProjection(t *testing.T) {
	each(t, func(_ *testing.T, w world) {
		orders := w.history(3)
		w.exec(`UPDATE orders SET status = 'canceled', version = 99, total_minor_units = 1`)
		w.exec(`DELETE FROM orders WHERE id = '` + orders[0].GetId() + `'`)
		w.rebuild()
		for _, o := range orders {
			w.shows(o, "Ada")
		}
	})
}

func TestARebuildOfNothingIsEmpty(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		require.Equal(t, int64(0), w.rebuild().GetOrderCount())
		o := order(w.customer("Ada"), 0, line("Tea", "Pantry", 450))
		w.tell(o)
		w.shows(o, "Ada")
	})
}

func TestEventsGoOnAfterARebuild(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		orders := w.history(2)
		w.rebuild()
		done := later(orders[0], 5, completed)
		w.tell(done, later(orders[0], 4, ready))
		w.shows(done, "Ada")
		require.EqualValues(t, 8, w.rebuild().GetEventCount())
		w.shows(done, "Ada")
	})
}

func TestOnlyOneRebuildRunsAtATime(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		orders := w.history(1)
		w.exec(`UPDATE projections SET building = 7, last = 7, building_until = '2026-11-23T09:01:00.000000Z'`)
		_, err := w.api.RebuildOrders(t.Context(), &searchv1.RebuildOrdersRequest{})
		servicetest.RequireReason(t, err, fault.Refused, "REBUILD_RUNNING")
		w.shows(orders[0], "Ada")
	})
}

func TestNothingIsLostOrMissedWhileEventsComeAndOrdersAreSearchedFor(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.history(5)
		const more = 20
		ada := w.customer("Ada")
		var told []*orderingv1.Order
		for i := range more {
			o := order(ada, 100+i, line("Tea", "Pantry", 450))
			told = append(told, o, later(o, 2, approved))
		}
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() {
			for ctx.Err() == nil {
				if _, err := w.api.RebuildOrders(t.Context(), &searchv1.RebuildOrdersRequest{}); err != nil {
					t.Error(err)
					return
				}
			}
		})
		running.Go(func() {
			for ctx.Err() == nil {
				resp, err := w.api.SearchOrders(t.Context(), &searchv1.SearchOrdersRequest{CreatedBefore: at(100)})
				if err != nil || len(resp.GetOrders()) != 5 {
					t.Errorf("%d orders, %v", len(resp.GetOrders()), err)
					return
				}
			}
		})
		for i := 1; i < len(told); i += 2 {
			w.tell(told[i], told[i-1])
			w.shows(told[i], "Ada")
		}
		stop()
		running.Wait()
		require.Len(t, w.search(&searchv1.SearchOrdersRequest{}), 5+more)
		for i := 1; i < len(told); i += 2 {
			w.shows(told[i], "Ada")
		}
		require.Equal(t, 5+more, w.count(`SELECT COUNT(*) FROM orders`))
	})
}
