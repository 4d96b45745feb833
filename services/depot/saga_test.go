package depot_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	depotv1 "mallbots.example/api/mallbots/depot/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/message"
	"mallbots.example/services/internal/topics"
)

const (
	statusPending   = depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_PENDING
	statusAvailable = depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_AVAILABLE
	statusAssigned  = depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_ASSIGNED
	statusCompleted = depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_COMPLETED
	statusCanceled  = depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_CANCELED
)

func TestTheListOfAnOrderNamesStoresAndProductsAndAddsUpLines(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		order := id.UUIDv7()
		list := w.list(w.create(order, item(pot, 1), item(pen, 2), item(cup, 6), item(pot, 3)))
		require.Equal(t, order, list.GetOrderId())
		require.Equal(t, statusPending, list.GetStatus())
		require.Empty(t, list.GetBotId())
		requireSame(t, &depotv1.ShoppingList{Stops: []*depotv1.Stop{
			{StoreId: "tea", StoreName: "Tea House", StoreLocation: "1st floor", Items: []*depotv1.StopItem{
				{ProductId: "pot", ProductName: "Pot", Quantity: 4}, {ProductId: "cup", ProductName: "Cup", Quantity: 6},
			}},
			{StoreId: "ink", StoreName: "Ink & Co", StoreLocation: "2nd floor", Items: []*depotv1.StopItem{
				{ProductId: "pen", ProductName: "Pen", Quantity: 2},
			}},
		}}, &depotv1.ShoppingList{Stops: list.GetStops()})
		w.told()
	})
}

func TestNamesComeFromTheEventsOfStoresAndAreThoseOfTheDayTheListWasMade(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first := w.list(w.create("first"))
		w.stores.fail(status.Error(codes.Unavailable, "away"))
		rebranded, moved := proto.CloneOf(pot), proto.CloneOf(teaHouse)
		rebranded.Name, rebranded.Version = "Teapot", 2
		moved.Name, moved.Version = "House of Tea", 2
		w.Event(topics.StoresEvents, "pot", &storesv1.ProductRebranded{Product: rebranded})
		w.Event(topics.StoresEvents, "tea", &storesv1.StoreRebranded{Store: moved})
		second := w.list(w.create("second"))
		require.Equal(t, "House of Tea", second.GetStops()[0].GetStoreName())
		require.Equal(t, "Teapot", second.GetStops()[0].GetItems()[0].GetProductName())
		requireSame(t, first, w.list(first.GetId()))
	})
}

func TestAnUnknownProductFailsTheListAndLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		order, unknown := id.UUIDv7(), product("unknown", "tea", "?")
		w.fails("PRODUCT_NOT_FOUND", order, createList(order, item(pot, 1), item(unknown, 1)))
		require.Empty(t, w.listsOf(order))
	})
}

func TestACommandThatMakesNoSenseIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		order := id.UUIDv7()
		for name, command := range map[string]proto.Message{
			"no items":            &depotv1.CreateShoppingList{OrderId: order},
			"too many items":      createList(order, slices.Repeat([]*depotv1.CreateShoppingListItem{item(pot, 1)}, 1001)...),
			"no pieces":           createList(order, item(pot, 0)),
			"a list of no order":  createList(""),
			"a cancel of nothing": &depotv1.CancelShoppingList{},
		} {
			t.Run(name, func(*testing.T) { w.fails("INVALID_FIELD", order, command) })
		}
		require.Empty(t, w.listsOf(order))
	})
}

func TestAnOrderHasOneListHoweverOftenItIsCommanded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		order := id.UUIDv7()
		first := w.create(order)
		require.Equal(t, first, w.create(order))
		require.Equal(t, first, w.create(order, item(pen, 9)), "what was made once is made")
		w.succeeds(order, &depotv1.InitiateShopping{OrderId: order})
		require.Equal(t, first, w.create(order))
		w.succeeds(order, &depotv1.CancelShoppingList{OrderId: order})
		require.Equal(t, first, w.create(order), "a repeat of what was done has the same answer")
		require.Len(t, w.listsOf(order), 1)
		require.Equal(t, statusCanceled, w.list(first).GetStatus())
	})
}

func TestACancelThatComesFirstKeepsTheListFromBeingMade(t *testing.T) {
	for name, cancel := range map[string]*depotv1.CancelShoppingList{"compensation": {}, "cancellation": {OnlyIfUnassigned: true}} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				order := id.UUIDv7()
				cancel := &depotv1.CancelShoppingList{OrderId: order, OnlyIfUnassigned: cancel.GetOnlyIfUnassigned()}
				w.succeeds(order, cancel)
				w.fails("LIST_CANCELED", order, createList(order))
				w.succeeds(order, cancel)
				w.fails("LIST_CANCELED", order, createList(order))
				w.succeeds(order, &depotv1.InitiateShopping{OrderId: order})
				require.Empty(t, w.listsOf(order))
				w.told()
			})
		})
	}
}

func TestInitiatingMakesAPendingListAvailableOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		order := id.UUIDv7()
		list := w.create(order)
		initiate := &depotv1.InitiateShopping{OrderId: order}
		for range 3 {
			w.succeeds(order, initiate)
			require.Equal(t, statusAvailable, w.list(list).GetStatus())
		}
		w.told(&depotv1.ShoppingListAvailable{ShoppingList: w.list(list)})
		w.complete(w.assign(w.list(list), w.register("Robby")))
		w.succeeds(order, initiate)
		require.Equal(t, statusCompleted, w.list(list).GetStatus())
	})
}

func TestInitiatingACanceledListSucceedsAndChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		list := w.pending()
		w.succeeds(list.GetOrderId(), &depotv1.CancelShoppingList{OrderId: list.GetOrderId()})
		w.succeeds(list.GetOrderId(), &depotv1.InitiateShopping{OrderId: list.GetOrderId()})
		require.Equal(t, statusCanceled, w.list(list.GetId()).GetStatus())
	})
}

func TestInitiatingThatOvertakesTheListWaitsForIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		order := id.UUIDv7()
		w.Deliver(topics.DepotCommands, message.Meta{Subject: order}, &depotv1.InitiateShopping{OrderId: order})
		require.Empty(t, w.Sent())
		list := w.create(order)
		require.Equal(t, statusPending, w.list(list).GetStatus())
		w.Clock.Advance(message.DefaultRetryPolicy.Longest)
		w.Deliver(topics.DepotCommands, message.Meta{Subject: order}, &depotv1.InitiateShopping{OrderId: id.UUIDv7()}) // wakes those put off
		w.Await(func(out message.Outgoing) bool {
			available, ok := out.Body.(*depotv1.ShoppingListAvailable)
			return ok && available.GetShoppingList().GetId() == list
		})
	})
}

// Each state × each of the two cancellations.
func TestWhatASagaCanCancel(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for name, test := range map[string]struct {
			list             *depotv1.ShoppingList
			onlyIfUnassigned bool
			refused          string
			after            depotv1.ShoppingListStatus
		}{
			"a pending list is compensated":     {list: w.pending(), after: statusCanceled},
			"an available list is compensated":  {list: w.available(), after: statusCanceled},
			"an assigned list is compensated":   {list: w.assigned(), after: statusCanceled},
			"a completed list stays":            {list: w.completed(), after: statusCompleted},
			"a pending list can be canceled":    {list: w.pending(), onlyIfUnassigned: true, after: statusCanceled},
			"an available list can be canceled": {list: w.available(), onlyIfUnassigned: true, after: statusCanceled},
			"an assigned list cannot be":        {list: w.assigned(), onlyIfUnassigned: true, refused: "LIST_ASSIGNED", after: statusAssigned},
			"a completed list cannot be":        {list: w.completed(), onlyIfUnassigned: true, refused: "LIST_COMPLETED", after: statusCompleted},
		} {
			t.Run(name, func(t *testing.T) {
				order := test.list.GetOrderId()
				for range 2 { // the repeat has the same answer
					reply := w.command(order, &depotv1.CancelShoppingList{OrderId: order, OnlyIfUnassigned: test.onlyIfUnassigned})
					require.Equal(t, test.refused, reply.GetFailed().GetReason())
				}
				after := w.list(test.list.GetId())
				require.Equal(t, test.after, after.GetStatus())
				if bot := test.list.GetBotId(); test.after == statusAssigned {
					w.isBusyWith(after.GetId(), bot)
				} else if bot != "" {
					w.isIdle(bot)
				}
				told := slices.DeleteFunc(w.SentTo(topics.DepotEvents), func(sent proto.Message) bool {
					return !proto.Equal(sent, &depotv1.ShoppingListCanceled{ShoppingList: after})
				})
				if test.after == statusCanceled {
					require.Len(t, told, 1)
				} else {
					require.Empty(t, told)
				}
			})
		}
	})
}

func TestStoresBeingAwayFailsNoList(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		order := id.UUIDv7()
		w.stores.fail(status.Error(codes.Unavailable, "away"))
		delivered := make(chan struct{})
		go func() {
			defer close(delivered)
			w.Deliver(topics.DepotCommands, message.Meta{Subject: order}, createList(order))
		}()
		<-w.stores.asked
		require.Empty(t, w.listsOf(order))
		require.Empty(t, w.Sent(), "an accident is no refusal")
		w.stores.fail(nil)
		<-delivered
		require.Len(t, w.listsOf(order), 1)
	})
}

// The commands of an order in every order of arrival, each twice: the bots see the list or they do not, and what the saga is told agrees
// with it.
func TestTheCommandsOfAnOrderCommute(t *testing.T) {
	create := func(order string) proto.Message { return createList(order) }
	cancel := func(order string) proto.Message { return &depotv1.CancelShoppingList{OrderId: order} }
	for name, commands := range map[string][]func(order string) proto.Message{
		"create, create, cancel, cancel": {create, create, cancel, cancel},
		"create, cancel, create, cancel": {create, cancel, create, cancel},
		"create, cancel, cancel, create": {create, cancel, cancel, create},
		"cancel, create, create, cancel": {cancel, create, create, cancel},
		"cancel, create, cancel, create": {cancel, create, cancel, create},
		"cancel, cancel, create, create": {cancel, cancel, create, create},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				order := id.UUIDv7()
				for _, command := range commands {
					w.command(order, command(order))
				}
				w.succeeds(order, &depotv1.InitiateShopping{OrderId: order})
				for _, list := range w.listsOf(order) {
					require.Equal(t, statusCanceled, list.GetStatus())
				}
				for _, event := range w.SentTo(topics.DepotEvents) {
					require.IsType(t, &depotv1.ShoppingListCanceled{}, event)
				}
			})
		})
	}
}
