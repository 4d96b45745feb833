package depot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	depotv1 "mallbots.example/api/mallbots/depot/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/rpc"
	"mallbots.example/pkg/service/servicetest"
	"mallbots.example/services/internal/topics"
)

func TestARegisteredBotIsIdleAndListed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		robby := w.register("Robby")
		require.Equal(t, "Robby", robby.GetName())
		require.Equal(t, depotv1.BotStatus_BOT_STATUS_IDLE, robby.GetStatus())
		require.EqualValues(t, 1, robby.GetVersion())
		require.Equal(t, servicetest.Now, robby.GetCreateTime().AsTime())
		resp, err := w.ListBots(t.Context(), &depotv1.ListBotsRequest{})
		require.NoError(t, err)
		require.Len(t, resp.GetBots(), 1)
		requireSame(t, robby, resp.GetBots()[0])
	})
}

func TestABotThatRegistersAgainGetsItselfBackWithItsList(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		robby := w.register("Robby")
		requireSame(t, robby, w.register("Robby"))
		list := w.assign(w.available(), robby)
		again := w.register("Robby")
		require.Equal(t, robby.GetId(), again.GetId())
		require.Equal(t, list.GetId(), again.GetShoppingListId())
		require.Equal(t, depotv1.BotStatus_BOT_STATUS_BUSY, again.GetStatus())
		require.NotEqual(t, robby.GetId(), w.register("robby").GetId(), "another name, another bot")
	})
}

func TestBotsAreListedPageByPage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var want, got []string
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			want = append(want, w.register(name).GetId())
		}
		req := &depotv1.ListBotsRequest{PageSize: 2}
		for pages := 1; ; pages++ {
			resp, err := w.ListBots(t.Context(), req)
			require.NoError(t, err)
			for _, bot := range resp.GetBots() {
				got = append(got, bot.GetId())
			}
			if resp.GetNextPageToken() == "" {
				require.Equal(t, 3, pages)
				break
			}
			req.PageToken = resp.GetNextPageToken()
		}
		require.Equal(t, want, got)
	})
}

func TestListsAreListedPageByPageAndByEachFilter(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		lists := []*depotv1.ShoppingList{w.pending(), w.available(), w.assigned(), w.completed(), w.pending()}
		w.succeeds("tombstone", &depotv1.CancelShoppingList{OrderId: "tombstone"})
		ids := func(req *depotv1.ListShoppingListsRequest) (ids []string) {
			for {
				resp, err := w.ListShoppingLists(t.Context(), req)
				require.NoError(t, err)
				require.LessOrEqual(t, len(resp.GetShoppingLists()), 2)
				for _, list := range resp.GetShoppingLists() {
					ids = append(ids, list.GetId())
				}
				if req.PageToken = resp.GetNextPageToken(); req.PageToken == "" {
					return ids
				}
			}
		}
		pick := func(picked ...int) (ids []string) {
			for _, i := range picked {
				ids = append(ids, lists[i].GetId())
			}
			return ids
		}
		require.Equal(t, pick(0, 1, 2, 3, 4), ids(&depotv1.ListShoppingListsRequest{PageSize: 2}), "a tombstone is no list")
		require.Equal(t, pick(0, 4), ids(&depotv1.ListShoppingListsRequest{PageSize: 1, Status: depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_PENDING}))
		require.Equal(t, pick(3), ids(&depotv1.ListShoppingListsRequest{PageSize: 2, Status: depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_COMPLETED}))
		require.Equal(t, pick(2), ids(&depotv1.ListShoppingListsRequest{PageSize: 2, OrderId: lists[2].GetOrderId()}))
		require.Equal(t, pick(2), ids(&depotv1.ListShoppingListsRequest{PageSize: 2, BotId: lists[2].GetBotId()}))
		require.Equal(t, pick(3), ids(&depotv1.ListShoppingListsRequest{PageSize: 2, BotId: lists[3].GetBotId()}), "it had the list")
		require.Empty(t, ids(&depotv1.ListShoppingListsRequest{
			PageSize: 2, Status: depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_PENDING, BotId: lists[3].GetBotId(),
		}), "all filters must match")
	})
}

func TestAListGoesFromPendingToCompletedAndEachStepIsTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		robby := w.register("Robby")
		available := w.available()
		require.Equal(t, depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_AVAILABLE, available.GetStatus())
		w.Clock.Advance(time.Minute)
		assigned := w.assign(available, robby)
		require.Equal(t, depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_ASSIGNED, assigned.GetStatus())
		require.Equal(t, robby.GetId(), assigned.GetBotId())
		w.isBusyWith(assigned.GetId(), robby.GetId())
		completed := w.complete(assigned)
		require.Equal(t, depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_COMPLETED, completed.GetStatus())
		require.EqualValues(t, 4, completed.GetVersion())
		require.Equal(t, servicetest.Now, completed.GetCreateTime().AsTime())
		require.Equal(t, servicetest.Now.Add(time.Minute), completed.GetUpdateTime().AsTime())
		require.NotEmpty(t, completed.GetStops())
		requireSame(t, completed, w.list(completed.GetId()))
		w.isIdle(robby.GetId())
		w.told(&depotv1.ShoppingListAvailable{ShoppingList: available},
			&depotv1.ShoppingListAssigned{ShoppingList: assigned}, &depotv1.ShoppingListCompleted{ShoppingList: completed})
		for _, out := range w.Sent() {
			if out.Topic == topics.DepotEvents {
				require.Equal(t, completed.GetId(), out.Meta.Subject)
			}
		}
	})
}

func TestWhatABotHasDoneAlreadyChangesAndTellsNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		assigned := w.assigned()
		bot := &depotv1.Bot{Id: assigned.GetBotId()}
		told := len(w.Sent())
		requireSame(t, assigned, w.assign(assigned, bot))
		require.Len(t, w.Sent(), told)
		completed := w.complete(assigned)
		told = len(w.Sent())
		requireSame(t, completed, w.complete(assigned))
		require.Len(t, w.Sent(), told)
	})
}

func TestABotTakesOneListAtATime(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		robby := w.register("Robby")
		first, second := w.assign(w.available(), robby), w.available()
		_, err := w.AssignShoppingList(t.Context(), &depotv1.AssignShoppingListRequest{Id: second.GetId(), BotId: robby.GetId()})
		servicetest.RequireReason(t, err, fault.Refused, "BOT_BUSY")
		requireSame(t, second, w.list(second.GetId()))
		w.complete(first)
		w.complete(w.assign(second, robby))
	})
}

func TestOnlyTheBotThatHasAListCompletesIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		other := w.register("other")
		complete := func(list *depotv1.ShoppingList) error {
			_, err := w.CompleteShoppingList(t.Context(), &depotv1.CompleteShoppingListRequest{Id: list.GetId(), BotId: other.GetId()})
			return err
		}
		servicetest.RequireReason(t, complete(w.assigned()), fault.Refused, "LIST_OF_OTHER_BOT")
		servicetest.RequireReason(t, complete(w.completed()), fault.Refused, "LIST_OF_OTHER_BOT")
		servicetest.RequireReason(t, complete(w.pending()), fault.Refused, "LIST_NOT_ASSIGNED")
		servicetest.RequireReason(t, complete(w.available()), fault.Refused, "LIST_NOT_ASSIGNED")
	})
}

func TestACanceledListIsToldAndItsBotIsIdle(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		assigned := w.assigned()
		cancel := &depotv1.CancelShoppingListRequest{Id: assigned.GetId()}
		first, err := w.CancelShoppingList(t.Context(), cancel)
		require.NoError(t, err)
		canceled := first.GetShoppingList()
		require.Equal(t, depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_CANCELED, canceled.GetStatus())
		w.isIdle(assigned.GetBotId())
		told := w.SentTo(topics.DepotEvents)
		require.Len(t, told, 3)
		requireSame(t, &depotv1.ShoppingListCanceled{ShoppingList: canceled, GivenUp: true}, told[2])

		again, err := w.CancelShoppingList(t.Context(), cancel)
		require.NoError(t, err)
		requireSame(t, canceled, again.GetShoppingList())
		require.Len(t, w.SentTo(topics.DepotEvents), 3)
		_, err = w.CompleteShoppingList(t.Context(), &depotv1.CompleteShoppingListRequest{Id: assigned.GetId(), BotId: assigned.GetBotId()})
		servicetest.RequireReason(t, err, fault.Refused, "LIST_NOT_ASSIGNED")
	})
}

func TestACancelMayBeBoundToTheBotThatHasTheList(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		assigned, available, completed := w.assigned(), w.available(), w.completed()
		cancel := func(list *depotv1.ShoppingList, botID string) error {
			_, err := w.CancelShoppingList(t.Context(), &depotv1.CancelShoppingListRequest{Id: list.GetId(), BotId: botID})
			return err
		}
		servicetest.RequireReason(t, cancel(assigned, id.UUIDv7()), fault.Refused, "LIST_OF_OTHER_BOT")
		servicetest.RequireReason(t, cancel(available, assigned.GetBotId()), fault.Refused, "LIST_OF_OTHER_BOT")
		servicetest.RequireReason(t, cancel(completed, completed.GetBotId()), fault.Refused, "LIST_COMPLETED")
		require.NoError(t, cancel(assigned, assigned.GetBotId()))
	})
}

func TestAFreedBotThatHasAnotherListByNowKeepsIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		robby := w.register("Robby")
		first := w.assign(w.available(), robby)
		w.complete(first)
		second := w.assign(w.available(), robby)
		w.complete(first) // said again
		w.isBusyWith(second.GetId(), robby.GetId())
	})
}

func TestUnknownListsAndBotsAreNotFound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, nothing := t.Context(), id.UUIDv7()
		_, err := w.GetShoppingList(ctx, &depotv1.GetShoppingListRequest{Id: nothing})
		servicetest.RequireReason(t, err, fault.NotFound, "LIST_NOT_FOUND")
		_, err = w.AssignShoppingList(ctx, &depotv1.AssignShoppingListRequest{Id: nothing, BotId: nothing})
		servicetest.RequireReason(t, err, fault.NotFound, "LIST_NOT_FOUND")
		_, err = w.CompleteShoppingList(ctx, &depotv1.CompleteShoppingListRequest{Id: nothing, BotId: nothing})
		servicetest.RequireReason(t, err, fault.NotFound, "LIST_NOT_FOUND")
		_, err = w.CancelShoppingList(ctx, &depotv1.CancelShoppingListRequest{Id: nothing})
		servicetest.RequireReason(t, err, fault.NotFound, "LIST_NOT_FOUND")
		_, err = w.AssignShoppingList(ctx, &depotv1.AssignShoppingListRequest{Id: w.pending().GetId(), BotId: nothing})
		servicetest.RequireReason(t, err, fault.NotFound, "BOT_NOT_FOUND")
	})
}

func TestBadInputIsNamed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, some := t.Context(), id.UUIDv7()
		for name, test := range map[string]struct {
			call  func() error
			field string
		}{
			"no name": {func() error {
				_, err := w.RegisterBot(ctx, &depotv1.RegisterBotRequest{Name: " "})
				return err
			}, "name"},
			"long name": {func() error {
				_, err := w.RegisterBot(ctx, &depotv1.RegisterBotRequest{Name: strings.Repeat("a", 101)})
				return err
			}, "name"},
			"no list": {func() error {
				_, err := w.GetShoppingList(ctx, &depotv1.GetShoppingListRequest{})
				return err
			}, "id"},
			"no bot": {func() error {
				_, err := w.AssignShoppingList(ctx, &depotv1.AssignShoppingListRequest{Id: some})
				return err
			}, "bot_id"},
			"bad bot": {func() error {
				_, err := w.CancelShoppingList(ctx, &depotv1.CancelShoppingListRequest{Id: some, BotId: "Robby"})
				return err
			}, "bot_id"},
			"bad status": {func() error {
				_, err := w.ListShoppingLists(ctx, &depotv1.ListShoppingListsRequest{Status: 99})
				return err
			}, "status"},
			"bad page": {func() error {
				_, err := w.ListBots(ctx, &depotv1.ListBotsRequest{PageSize: 101})
				return err
			}, "page_size"},
		} {
			t.Run(name, func(t *testing.T) {
				err := test.call()
				servicetest.RequireReason(t, err, fault.Invalid, "INVALID_FIELD")
				refusal, _ := fault.As(rpc.FromStatus(err))
				require.Equal(t, test.field, refusal.Fields[0].Name)
			})
		}
		require.Empty(t, w.Sent())
	})
}
