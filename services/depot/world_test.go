package depot_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	depotv1 "mallbots.example/api/mallbots/depot/v1"
	sagav1 "mallbots.example/api/mallbots/saga/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/service/servicetest"
	"mallbots.example/services/depot"
	"mallbots.example/services/internal/topics"
)

// world is a depot of its own, and what its tests do with it.
type world struct {
	*servicetest.Harness
	depotv1.DepotServiceClient
	t      *testing.T
	stores *fakeStores
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	stores := &fakeStores{asked: make(chan struct{}, 1)}
	servicetest.Each(t, depot.Service(), map[string]grpc.ClientConnInterface{"stores": stores}, func(t *testing.T, h *servicetest.Harness) {
		stores.fail(nil)
		test(t, &world{Harness: h, DepotServiceClient: depotv1.NewDepotServiceClient(h.Conn), t: t, stores: stores})
	})
}

// command sends a command about an order and gives the reply.
func (w *world) command(orderID string, command proto.Message) *sagav1.CommandReply {
	w.t.Helper()
	return w.Command(topics.DepotCommands, orderID, command).(*sagav1.CommandReply)
}

// succeeds sends a command that is carried out.
func (w *world) succeeds(orderID string, command proto.Message) *sagav1.CommandReply {
	w.t.Helper()
	reply := w.command(orderID, command)
	require.NotNil(w.t, reply.GetSucceeded(), "%v", reply)
	return reply
}

// fails sends a command that is refused for this reason.
func (w *world) fails(reason, orderID string, command proto.Message) {
	w.t.Helper()
	require.Equal(w.t, reason, w.command(orderID, command).GetFailed().GetReason())
}

// create commands the list of an order and gives its id.
func (w *world) create(orderID string, items ...*depotv1.CreateShoppingListItem) string {
	w.t.Helper()
	var result depotv1.CreateShoppingListResult
	require.NoError(w.t, w.succeeds(orderID, createList(orderID, items...)).GetSucceeded().GetData().UnmarshalTo(&result))
	return result.GetShoppingListId()
}

// pending, available, assigned and completed make a list of an order of its own that stands there; the last two with a bot of its own.
func (w *world) pending() *depotv1.ShoppingList {
	w.t.Helper()
	return w.list(w.create(id.UUIDv7()))
}

func (w *world) available() *depotv1.ShoppingList {
	w.t.Helper()
	list := w.pending()
	w.succeeds(list.GetOrderId(), &depotv1.InitiateShopping{OrderId: list.GetOrderId()})
	return w.list(list.GetId())
}

func (w *world) assigned() *depotv1.ShoppingList {
	w.t.Helper()
	return w.assign(w.available(), w.register(id.UUIDv7()))
}

func (w *world) completed() *depotv1.ShoppingList {
	w.t.Helper()
	return w.complete(w.assigned())
}

// createList is the command, for one pot when nothing else is said.
func createList(orderID string, items ...*depotv1.CreateShoppingListItem) *depotv1.CreateShoppingList {
	if len(items) == 0 {
		items = []*depotv1.CreateShoppingListItem{item(pot, 1)}
	}
	return &depotv1.CreateShoppingList{OrderId: orderID, Items: items}
}

func item(p *storesv1.Product, quantity int32) *depotv1.CreateShoppingListItem {
	return &depotv1.CreateShoppingListItem{ProductId: p.GetId(), StoreId: p.GetStoreId(), Quantity: quantity}
}

func (w *world) list(listID string) *depotv1.ShoppingList {
	w.t.Helper()
	resp, err := w.GetShoppingList(w.t.Context(), &depotv1.GetShoppingListRequest{Id: listID})
	require.NoError(w.t, err)
	return resp.GetShoppingList()
}

// listsOf are the lists of an order, which are one at most.
func (w *world) listsOf(orderID string) []*depotv1.ShoppingList {
	w.t.Helper()
	resp, err := w.ListShoppingLists(w.t.Context(), &depotv1.ListShoppingListsRequest{OrderId: orderID})
	require.NoError(w.t, err)
	return resp.GetShoppingLists()
}

func (w *world) register(name string) *depotv1.Bot {
	w.t.Helper()
	resp, err := w.RegisterBot(w.t.Context(), &depotv1.RegisterBotRequest{Name: name})
	require.NoError(w.t, err)
	return resp.GetBot()
}

func (w *world) assign(list *depotv1.ShoppingList, bot *depotv1.Bot) *depotv1.ShoppingList {
	w.t.Helper()
	resp, err := w.AssignShoppingList(w.t.Context(), &depotv1.AssignShoppingListRequest{Id: list.GetId(), BotId: bot.GetId()})
	require.NoError(w.t, err)
	return resp.GetShoppingList()
}

func (w *world) complete(list *depotv1.ShoppingList) *depotv1.ShoppingList {
	w.t.Helper()
	resp, err := w.CompleteShoppingList(w.t.Context(), &depotv1.CompleteShoppingListRequest{Id: list.GetId(), BotId: list.GetBotId()})
	require.NoError(w.t, err)
	return resp.GetShoppingList()
}

// isBusyWith requires that the bot with this id has this list.
func (w *world) isBusyWith(listID, botID string) {
	w.t.Helper()
	resp, err := w.ListBots(w.t.Context(), &depotv1.ListBotsRequest{})
	require.NoError(w.t, err)
	for _, bot := range resp.GetBots() {
		if bot.GetId() == botID {
			require.Equal(w.t, listID, bot.GetShoppingListId())
			busy := bot.GetStatus() == depotv1.BotStatus_BOT_STATUS_BUSY
			require.Equal(w.t, listID != "", busy, "%v", bot)
			return
		}
	}
	w.t.Fatalf("there is no bot %s", botID)
}

func (w *world) isIdle(botID string) {
	w.t.Helper()
	w.isBusyWith("", botID)
}

// told requires that exactly these events have been sent so far.
func (w *world) told(events ...proto.Message) {
	w.t.Helper()
	sent := w.SentTo(topics.DepotEvents)
	require.Len(w.t, sent, len(events), "%v", sent)
	for i, event := range events {
		require.True(w.t, proto.Equal(event, sent[i]), "%v\n%v", event, sent[i])
	}
}

// requireSame compares messages.
func requireSame(t *testing.T, want, got proto.Message) {
	t.Helper()
	require.True(t, proto.Equal(want, got), "%v\n%v", want, got)
}
