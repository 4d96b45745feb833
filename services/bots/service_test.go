package bots_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	depotv1 "mallbots.example/api/mallbots/depot/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
	"mallbots.example/pkg/config"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/service"
	"mallbots.example/pkg/service/servicetest"
	"mallbots.example/services/bots"
	"mallbots.example/services/depot"
	"mallbots.example/services/internal/topics"
)

// The fleet is tested with the depot that it works for: what one expects of the other is in neither's own tests.

// world is a depot.
type world struct {
	*servicetest.Harness
	t *testing.T
}

func newWorld(t *testing.T) *world {
	w := &world{servicetest.Start(t, depot.Service(), map[string]grpc.ClientConnInterface{"stores": nil}), t}
	w.Event(topics.StoresEvents, "tea", &storesv1.StoreCreated{Store: &storesv1.Store{Id: "tea", Name: "Tea House", Location: "1st floor", Version: 1}})
	w.Event(topics.StoresEvents, "pot", &storesv1.ProductAdded{Product: &storesv1.Product{
		Id: "pot", StoreId: "tea", Name: "Pot", Price: &typev1.Money{CurrencyCode: "USD", MinorUnits: 900}, Version: 1,
	}})
	return w
}

// order makes the list of an order available, and gives the order's id.
func (w *world) order() string {
	w.t.Helper()
	order := id.UUIDv7()
	w.Command(topics.DepotCommands, order, &depotv1.CreateShoppingList{
		OrderId: order, Items: []*depotv1.CreateShoppingListItem{{ProductId: "pot", StoreId: "tea", Quantity: 1}},
	})
	w.Command(topics.DepotCommands, order, &depotv1.InitiateShopping{OrderId: order})
	return order
}

// awaitList waits until what happened to the list of an order is what event tells, and gives the list.
func awaitList[E interface {
	comparable
	GetShoppingList() *depotv1.ShoppingList
}](w *world, orderID string) *depotv1.ShoppingList {
	w.t.Helper()
	return w.Await(func(out message.Outgoing) bool {
		event, ok := out.Body.(E)
		return ok && event.GetShoppingList().GetOrderId() == orderID
	}).Body.(E).GetShoppingList()
}

// fleet runs bots with these settings until the test ends.
func (w *world) fleet(t *testing.T, settings ...string) {
	t.Helper()
	s := bots.Service()
	require.NoError(t, config.Load(settings, s.Settings))
	servicetest.Start(t, s, map[string]grpc.ClientConnInterface{"depot": w.Conn})
}

func TestTheFleetCollectsWhatIsThereAndWhatComes(t *testing.T) {
	w := newWorld(t)
	early := w.order()
	w.fleet(t, "MALLBOTS_BOTS_WORK=1ms", "MALLBOTS_BOTS_NAME=robby")
	awaitList[*depotv1.ShoppingListCompleted](w, early)
	awaitList[*depotv1.ShoppingListCompleted](w, w.order())
	awaitList[*depotv1.ShoppingListCompleted](w, w.order())
}

func TestBotsOfTwoFleetsCollectEachListOnce(t *testing.T) {
	const lists = 30
	w := newWorld(t)
	w.fleet(t, "MALLBOTS_BOTS_WORK=1ms", "MALLBOTS_BOTS_NAME=left", "MALLBOTS_BOTS_COUNT=3")
	w.fleet(t, "MALLBOTS_BOTS_WORK=1ms", "MALLBOTS_BOTS_NAME=right", "MALLBOTS_BOTS_COUNT=3")
	var orders []string
	for range lists {
		orders = append(orders, w.order())
	}
	for _, order := range orders {
		awaitList[*depotv1.ShoppingListCompleted](w, order)
	}
	require.Len(t, w.SentTo(topics.DepotEvents), 3*lists, "each was available, assigned and completed once")
}

func TestAFleetThatStartsAgainGoesOnWithTheListsOfItsBots(t *testing.T) {
	w := newWorld(t)
	order := w.order()
	var bot string
	t.Run("the first goes while its bot is at work", func(t *testing.T) {
		w.fleet(t, "MALLBOTS_BOTS_WORK=1h", "MALLBOTS_BOTS_NAME=robby", "MALLBOTS_BOTS_COUNT=1")
		bot = awaitList[*depotv1.ShoppingListAssigned](w, order).GetBotId()
	})
	w.fleet(t, "MALLBOTS_BOTS_WORK=1ms", "MALLBOTS_BOTS_NAME=robby", "MALLBOTS_BOTS_COUNT=1")
	require.Equal(t, bot, awaitList[*depotv1.ShoppingListCompleted](w, order).GetBotId())
}

func TestAFleetHasTwoBotsUnlessToldOtherwise(t *testing.T) {
	w := newWorld(t)
	w.fleet(t, "MALLBOTS_BOTS_WORK=1h")
	first := awaitList[*depotv1.ShoppingListAssigned](w, w.order()).GetBotId()
	second := awaitList[*depotv1.ShoppingListAssigned](w, w.order()).GetBotId()
	require.NotEqual(t, first, second)
	resp, err := depotv1.NewDepotServiceClient(w.Conn).ListBots(t.Context(), &depotv1.ListBotsRequest{})
	require.NoError(t, err)
	var names []string
	for _, bot := range resp.GetBots() {
		names = append(names, bot.GetName())
	}
	require.ElementsMatch(t, []string{"bot-1", "bot-2"}, names)
}

func TestASettingThatCannotBeRightIsNamed(t *testing.T) {
	for setting, right := range map[string]bool{
		"MALLBOTS_BOTS_COUNT=0":                         true,
		"MALLBOTS_BOTS_COUNT=1000":                      true,
		"MALLBOTS_BOTS_COUNT=-1":                        false,
		"MALLBOTS_BOTS_COUNT=1001":                      false,
		"MALLBOTS_BOTS_WORK=0s":                         true,
		"MALLBOTS_BOTS_WORK=-1s":                        false,
		"MALLBOTS_BOTS_NAME=robby":                      true,
		"MALLBOTS_BOTS_NAME=" + strings.Repeat("a", 90): true,
		"MALLBOTS_BOTS_NAME=" + strings.Repeat("a", 91): false,
		"MALLBOTS_BOTS_NAME=" + " ":                     false,
	} {
		t.Run(setting, func(t *testing.T) {
			s := bots.Service()
			require.NoError(t, config.Load([]string{setting}, s.Settings))
			err := s.Settings.(*bots.Settings).Validate()
			if right {
				require.NoError(t, err)
				return
			}
			name, _, _ := strings.Cut(setting, "=")
			require.ErrorContains(t, err, name)
		})
	}
}

func TestAFleetWithABadSettingDoesNotStart(t *testing.T) {
	s := bots.Service()
	require.NoError(t, config.Load([]string{"MALLBOTS_BOTS_COUNT=-1"}, s.Settings))
	require.ErrorContains(t, s.Build(&service.Runtime{}), "MALLBOTS_BOTS_COUNT")
}
