package depot_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	depotv1 "mallbots.example/api/mallbots/depot/v1"
	"mallbots.example/pkg/service/servicetest"
	"mallbots.example/pkg/store"
)

type stream = grpc.ServerStreamingClient[depotv1.WatchShoppingListsResponse]

// watch opens a stream that the test can't wait on for ever.
func (w *world) watch() stream {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), servicetest.Deadline)
	w.t.Cleanup(cancel)
	lists, err := w.WatchShoppingLists(ctx, &depotv1.WatchShoppingListsRequest{})
	require.NoError(w.t, err)
	return lists
}

// brings requires that these lists are the next on a stream.
func (w *world) brings(lists stream, want ...*depotv1.ShoppingList) {
	w.t.Helper()
	for _, list := range want {
		resp, err := lists.Recv()
		require.NoError(w.t, err)
		requireSame(w.t, list, resp.GetShoppingList())
	}
}

func TestAWatcherSeesWhatIsAvailableNowAndThenWhatBecomesAvailable(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		later := w.pending()
		w.assigned()
		w.completed()
		first, second := w.available(), w.available()
		lists := w.watch()
		w.brings(lists, first, second)
		w.succeeds(later.GetOrderId(), &depotv1.InitiateShopping{OrderId: later.GetOrderId()})
		w.brings(lists, w.list(later.GetId()))
		w.brings(lists, w.available())
	})
}

func TestAWatcherSeesEachListOnce(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		lists, robby := w.watch(), w.register("Robby")
		for range 3 { // nothing comes between the new ones, though the older ones are available still
			w.brings(lists, w.available())
		}
		taken := w.available()
		w.brings(lists, taken)
		w.complete(w.assign(taken, robby))
		w.brings(lists, w.available())
	})
}

func TestEveryWatcherSeesEveryList(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		early, list := w.watch(), w.available()
		late := w.watch()
		w.brings(early, list)
		w.brings(late, list)
		list = w.available()
		w.brings(early, list)
		w.brings(late, list)
	})
}

func TestAWatcherSeesMoreListsThanAreReadAtATime(t *testing.T) {
	each(t, func(_ *testing.T, w *world) {
		var waiting []*depotv1.ShoppingList
		for range 45 {
			waiting = append(waiting, w.available())
		}
		lists := w.watch()
		w.brings(lists, waiting...)
		w.brings(lists, w.available())
	})
}

// Another replica is another process on the same database: it changes the row, and wakes nobody here.
func TestAWatcherSeesWhatAnotherReplicaMakesAvailable(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		list, lists := w.pending(), w.watch()
		w.brings(lists, w.available()) // it watches
		require.NoError(t, w.DB.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE shopping_lists SET status = 'available', version = 2 WHERE id = $1`, list.GetId())
			return err
		}))
		w.brings(lists, w.list(list.GetId()))
	})
}

func TestAWatchEndsWithItsCall(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, cancel := context.WithCancel(t.Context())
		lists, err := w.WatchShoppingLists(ctx, &depotv1.WatchShoppingListsRequest{})
		require.NoError(t, err)
		w.brings(lists, w.available())
		cancel()
		_, err = lists.Recv()
		require.Equal(t, codes.Canceled, status.Code(err), "%v", errors.Unwrap(err))
	})
}
