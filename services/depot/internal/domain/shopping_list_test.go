package domain_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/aggregate"
	"mallbots.example/pkg/fault"
	"mallbots.example/services/depot/internal/domain"
)

var (
	monday  = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	tuesday = monday.Add(24 * time.Hour)
)

func tea(quantity int64) domain.Line {
	return domain.Line{StoreID: "tea", StoreName: "Tea House", StoreLocation: "1st floor", ProductID: "pot", ProductName: "Pot", Quantity: quantity}
}

// list is one in this status. bot has it from when it is assigned; it was canceled before.
func list(status domain.Status) *domain.ShoppingList {
	state := domain.ListState{OrderID: "order", Status: status}
	if status != domain.Tombstone {
		state.Stops = []domain.Stop{{StoreID: "tea", Items: []domain.Item{{ProductID: "pot", Quantity: 1}}}}
	}
	if status == domain.Assigned || status == domain.Completed {
		state.BotID = "bot"
	}
	return domain.RestoreShoppingList(aggregate.Meta{ID: "list", Version: 1, CreatedAt: monday, UpdatedAt: monday}, state)
}

func requireField(t *testing.T, field string, err error) {
	t.Helper()
	refusal, ok := fault.As(err)
	require.True(t, ok, "%v", err)
	require.Equal(t, fault.Invalid, refusal.Kind)
	require.Equal(t, field, refusal.Fields[0].Name)
}

func TestANewListIsPending(t *testing.T) {
	l, err := domain.CreateShoppingList("list", "order", []domain.Line{tea(2)}, monday)
	require.NoError(t, err)
	require.Equal(t, domain.ListState{
		OrderID: "order", Status: domain.Pending,
		Stops: []domain.Stop{{
			StoreID: "tea", StoreName: "Tea House", StoreLocation: "1st floor",
			Items: []domain.Item{{ProductID: "pot", ProductName: "Pot", Quantity: 2}},
		}},
	}, l.State())
	require.Equal(t, []domain.Status{domain.Pending}, l.Events())
	require.Equal(t, aggregate.Meta{ID: "list", Version: 1, CreatedAt: monday, UpdatedAt: monday}, l.Meta())
	require.NoError(t, l.CreatedAgain())
}

func TestATombstoneHasNoStopsAndRefusesTheList(t *testing.T) {
	l, err := domain.LeaveTombstone("list", "order", monday)
	require.NoError(t, err)
	require.Equal(t, domain.ListState{OrderID: "order", Status: domain.Tombstone}, l.State())
	require.Equal(t, []domain.Status{domain.Tombstone}, l.Events())
	require.ErrorIs(t, l.CreatedAgain(), domain.ErrListCanceled)
}

func TestAListOrATombstoneIsOfAnOrder(t *testing.T) {
	_, err := domain.CreateShoppingList("list", "", []domain.Line{tea(1)}, monday)
	requireField(t, "order_id", err)
	_, err = domain.LeaveTombstone("list", "", monday)
	requireField(t, "order_id", err)
}

// command is what can be asked of a list; it gives the error that is the answer.
type command struct {
	name string
	do   func(l *domain.ShoppingList) error
}

var (
	initiate         = command{"initiate", func(l *domain.ShoppingList) error { l.Initiate(tuesday); return nil }}
	complete         = command{"complete", func(l *domain.ShoppingList) error { return l.Complete("bot", tuesday) }}
	completeByOther  = command{"complete by another bot", func(l *domain.ShoppingList) error { return l.Complete("other", tuesday) }}
	cancel           = command{"cancel", func(l *domain.ShoppingList) error { return l.Cancel("", tuesday) }}
	cancelByBot      = command{"cancel by its bot", func(l *domain.ShoppingList) error { return l.Cancel("bot", tuesday) }}
	cancelByOther    = command{"cancel by another bot", func(l *domain.ShoppingList) error { return l.Cancel("other", tuesday) }}
	cancelUnassigned = command{"cancel if unassigned", func(l *domain.ShoppingList) error { return l.CancelUnassigned(tuesday) }}
	compensate       = command{"compensate", func(l *domain.ShoppingList) error { l.Compensate(tuesday); return nil }}
	assign           = command{"assign", func(l *domain.ShoppingList) error { return domain.Assign(l, idle("bot"), tuesday) }}
	assignToOther    = command{"assign to another bot", func(l *domain.ShoppingList) error { return domain.Assign(l, idle("other"), tuesday) }}
)

// Each state × each command: what becomes of the list, or for which reason the command is refused. A command that leaves the list where it
// is without an error is one that says again what is so already, or that comes too late to matter.
func TestWhatBecomesOfAList(t *testing.T) {
	const stays = domain.Status("")
	for _, test := range []struct {
		from    domain.Status
		command command
		to      domain.Status
		err     error
	}{
		{domain.Pending, initiate, domain.Available, nil},
		{domain.Pending, assign, stays, domain.ErrListNotAvailable},
		{domain.Pending, assignToOther, stays, domain.ErrListNotAvailable},
		{domain.Pending, complete, stays, domain.ErrListNotAssigned},
		{domain.Pending, completeByOther, stays, domain.ErrListNotAssigned},
		{domain.Pending, cancel, domain.Canceled, nil},
		{domain.Pending, cancelByBot, stays, domain.ErrListOfOtherBot},
		{domain.Pending, cancelByOther, stays, domain.ErrListOfOtherBot},
		{domain.Pending, cancelUnassigned, domain.Canceled, nil},
		{domain.Pending, compensate, domain.Canceled, nil},

		{domain.Available, initiate, stays, nil},
		{domain.Available, assign, domain.Assigned, nil},
		{domain.Available, assignToOther, domain.Assigned, nil},
		{domain.Available, complete, stays, domain.ErrListNotAssigned},
		{domain.Available, completeByOther, stays, domain.ErrListNotAssigned},
		{domain.Available, cancel, domain.Canceled, nil},
		{domain.Available, cancelByBot, stays, domain.ErrListOfOtherBot},
		{domain.Available, cancelByOther, stays, domain.ErrListOfOtherBot},
		{domain.Available, cancelUnassigned, domain.Canceled, nil},
		{domain.Available, compensate, domain.Canceled, nil},

		{domain.Assigned, initiate, stays, nil},
		{domain.Assigned, assign, stays, nil},
		{domain.Assigned, assignToOther, stays, domain.ErrListNotAvailable},
		{domain.Assigned, complete, domain.Completed, nil},
		{domain.Assigned, completeByOther, stays, domain.ErrListOfOtherBot},
		{domain.Assigned, cancel, domain.Canceled, nil},
		{domain.Assigned, cancelByBot, domain.Canceled, nil},
		{domain.Assigned, cancelByOther, stays, domain.ErrListOfOtherBot},
		{domain.Assigned, cancelUnassigned, stays, domain.ErrListAssigned},
		{domain.Assigned, compensate, domain.Canceled, nil},

		{domain.Completed, initiate, stays, nil},
		{domain.Completed, assign, stays, domain.ErrListNotAvailable},
		{domain.Completed, assignToOther, stays, domain.ErrListNotAvailable},
		{domain.Completed, complete, stays, nil},
		{domain.Completed, completeByOther, stays, domain.ErrListOfOtherBot},
		{domain.Completed, cancel, stays, domain.ErrListCompleted},
		{domain.Completed, cancelByBot, stays, domain.ErrListCompleted},
		{domain.Completed, cancelByOther, stays, domain.ErrListCompleted},
		{domain.Completed, cancelUnassigned, stays, domain.ErrListCompleted},
		{domain.Completed, compensate, stays, nil},

		{domain.Canceled, initiate, stays, nil},
		{domain.Canceled, assign, stays, domain.ErrListNotAvailable},
		{domain.Canceled, assignToOther, stays, domain.ErrListNotAvailable},
		{domain.Canceled, complete, stays, domain.ErrListNotAssigned},
		{domain.Canceled, completeByOther, stays, domain.ErrListNotAssigned},
		{domain.Canceled, cancel, stays, nil},
		{domain.Canceled, cancelByBot, stays, nil},
		{domain.Canceled, cancelByOther, stays, nil},
		{domain.Canceled, cancelUnassigned, stays, nil},
		{domain.Canceled, compensate, stays, nil},

		{domain.Tombstone, initiate, stays, nil},
		{domain.Tombstone, assign, stays, domain.ErrListNotAvailable},
		{domain.Tombstone, assignToOther, stays, domain.ErrListNotAvailable},
		{domain.Tombstone, complete, stays, domain.ErrListNotAssigned},
		{domain.Tombstone, completeByOther, stays, domain.ErrListNotAssigned},
		{domain.Tombstone, cancel, stays, nil},
		{domain.Tombstone, cancelByBot, stays, nil},
		{domain.Tombstone, cancelByOther, stays, nil},
		{domain.Tombstone, cancelUnassigned, stays, nil},
		{domain.Tombstone, compensate, stays, nil},
	} {
		t.Run(fmt.Sprintf("%s %s", test.command.name, test.from), func(t *testing.T) {
			l := list(test.from)
			require.ErrorIs(t, test.command.do(l), test.err)
			if test.to == stays {
				require.Equal(t, list(test.from), l, "nothing changes")
				return
			}
			require.Equal(t, test.to, l.State().Status)
			require.Equal(t, []domain.Status{test.to}, l.Events())
			require.Equal(t, aggregate.Meta{ID: "list", Version: 2, CreatedAt: monday, UpdatedAt: tuesday}, l.Meta())
		})
	}
}

func TestAListThatWasMadeIsMadeWhateverHappenedToItSince(t *testing.T) {
	for _, status := range []domain.Status{domain.Pending, domain.Available, domain.Assigned, domain.Completed, domain.Canceled} {
		require.NoError(t, list(status).CreatedAgain(), "%s", status)
	}
}

func TestACanceledListStillNamesTheBotThatHadIt(t *testing.T) {
	l := list(domain.Assigned)
	l.Compensate(tuesday)
	require.Equal(t, "bot", l.State().BotID)
}

// What a saga ends for the sake of the order is no news for whoever keeps the order; what the depot ends is.
func TestOnlyWhatTheDepotCancelsIsGivenUp(t *testing.T) {
	for _, test := range []struct {
		from    domain.Status
		command command
		want    bool
	}{
		{domain.Pending, cancel, true},
		{domain.Available, cancel, true},
		{domain.Assigned, cancel, true},
		{domain.Assigned, cancelByBot, true},
		{domain.Canceled, cancel, false},
		{domain.Pending, cancelUnassigned, false},
		{domain.Available, cancelUnassigned, false},
		{domain.Pending, compensate, false},
		{domain.Assigned, compensate, false},
	} {
		l := list(test.from)
		require.NoError(t, test.command.do(l))
		require.Equal(t, test.want, l.GivenUp(), "%s %s", test.command.name, test.from)
	}
}
