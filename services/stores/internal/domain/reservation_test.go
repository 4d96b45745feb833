package domain_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/aggregate"
	"mallbots.example/pkg/fault"
	"mallbots.example/services/stores/internal/domain"
)

var twoApples = []domain.Line{{ProductID: "apple", Quantity: 2}}

func sold(stock domain.Stock) domain.Shelf {
	return domain.Shelf{Exists: true, Participating: true, Stock: stock}
}

// reservation gives one in a status; "" is that of an order not heard of.
func reservation(status domain.ReservationStatus) *domain.Reservation {
	if status == "" {
		return domain.NewReservation("order")
	}
	state := domain.ReservationState{Status: status, Lines: twoApples}
	return domain.RestoreReservation(aggregate.Meta{ID: "order", Version: 1, CreatedAt: monday, UpdatedAt: monday}, state)
}

// Each state × each command: what it becomes, what moves, and whether it is refused.
func TestTheLifeOfAReservation(t *testing.T) {
	type outcome struct {
		becomes domain.ReservationStatus
		moved   []domain.Line
		err     error
	}
	reserve := func(r *domain.Reservation) ([]domain.Line, error) {
		return r.Reserve(twoApples, map[string]domain.Shelf{"apple": sold(pieces(t, 5))}, tuesday)
	}
	release := func(r *domain.Reservation) ([]domain.Line, error) { return r.Release(tuesday), nil }
	leave := func(r *domain.Reservation) ([]domain.Line, error) { r.Leave(tuesday); return nil, nil }
	for name, test := range map[string]struct {
		status domain.ReservationStatus
		do     func(*domain.Reservation) ([]domain.Line, error)
		want   outcome
	}{
		"an order reserves":                          {"", reserve, outcome{domain.Held, twoApples, nil}},
		"a release without a reserve is a tombstone": {"", release, outcome{domain.Released, nil, nil}},
		"goods that left unheard of are a tombstone": {"", leave, outcome{domain.Left, nil, nil}},
		"an order reserves once":                     {domain.Held, reserve, outcome{domain.Held, nil, nil}},
		"what is held goes back":                     {domain.Held, release, outcome{domain.Released, twoApples, nil}},
		"goods leave and nothing goes back":          {domain.Held, leave, outcome{domain.Left, nil, nil}},
		"a late reserve is refused":                  {domain.Released, reserve, outcome{domain.Released, nil, domain.ErrReservationClosed}},
		"what is released goes back once":            {domain.Released, release, outcome{domain.Released, nil, nil}},
		"what is released does not leave":            {domain.Released, leave, outcome{domain.Released, nil, nil}},
		"no reserve once the goods have left":        {domain.Left, reserve, outcome{domain.Left, nil, domain.ErrReservationClosed}},
		"goods that have left do not go back":        {domain.Left, release, outcome{domain.Left, nil, nil}},
		"goods leave once":                           {domain.Left, leave, outcome{domain.Left, nil, nil}},
	} {
		t.Run(name, func(t *testing.T) {
			r := reservation(test.status)
			moved, err := test.do(r)
			require.Equal(t, test.want, outcome{r.State().Status, moved, err})
			if test.want.becomes == test.status {
				require.Empty(t, r.Events(), "nothing changes")
				return
			}
			require.Equal(t, []domain.ReservationStatus{test.want.becomes}, r.Events())
			require.Equal(t, tuesday, r.Meta().UpdatedAt)
		})
	}
}

func TestAReservationHoldsWhatItTookFromLimitedStock(t *testing.T) {
	lines := []domain.Line{{ProductID: "apple", Quantity: 2}, {ProductID: "bag", Quantity: 1}, {ProductID: "cake", Quantity: 1}}
	r := reservation("")
	taken, err := r.Reserve(lines, map[string]domain.Shelf{
		"apple": sold(pieces(t, 2)), "bag": sold(domain.Unlimited()), "cake": sold(pieces(t, 9)),
	}, monday)
	require.NoError(t, err)
	require.Equal(t, []domain.Line{lines[0], lines[2]}, taken)
	require.Equal(t, domain.ReservationState{Status: domain.Held, Lines: taken}, r.State())
	require.Equal(t, taken, r.Release(tuesday))
}

// All or nothing, and the first reason that holds for any line.
func TestWhatCannotBeReserved(t *testing.T) {
	apple, cake := domain.Line{ProductID: "apple", Quantity: 2}, domain.Line{ProductID: "cake", Quantity: 1}
	good := sold(pieces(t, 2))
	removed, closed, short := good, good, sold(pieces(t, 0))
	removed.Removed, closed.Participating = true, false
	all := domain.Shelf{Exists: true, Removed: true, Stock: pieces(t, 0)}
	removedAndShort := domain.Shelf{Exists: true, Removed: true, Participating: true, Stock: pieces(t, 0)}
	closedAndShort := domain.Shelf{Exists: true, Stock: pieces(t, 0)}
	for name, test := range map[string]struct {
		apple, cake domain.Shelf
		reason      string
	}{
		"an unknown product":                          {good, domain.Shelf{}, "PRODUCT_NOT_FOUND"},
		"a removed product":                           {good, removed, "PRODUCT_REMOVED"},
		"a product of a store that is out":            {good, closed, "STORE_NOT_PARTICIPATING"},
		"a product that is short":                     {good, short, "OUT_OF_STOCK"},
		"one piece too many":                          {sold(pieces(t, 1)), good, "OUT_OF_STOCK"},
		"unknown comes before removed":                {removed, domain.Shelf{}, "PRODUCT_NOT_FOUND"},
		"removed comes before the store":              {closed, removed, "PRODUCT_REMOVED"},
		"the store comes before the stock":            {short, closed, "STORE_NOT_PARTICIPATING"},
		"removed is the first that holds":             {good, all, "PRODUCT_REMOVED"},
		"removed is before stock for one line too":    {good, removedAndShort, "PRODUCT_REMOVED"},
		"the store is before stock for one line, too": {good, closedAndShort, "STORE_NOT_PARTICIPATING"},
	} {
		t.Run(name, func(t *testing.T) {
			r := reservation("")
			taken, err := r.Reserve([]domain.Line{apple, cake}, map[string]domain.Shelf{"apple": test.apple, "cake": test.cake}, monday)
			refusal, ok := fault.As(err)
			require.True(t, ok, "%v", err)
			require.Equal(t, test.reason, refusal.Reason)
			require.Empty(t, taken)
			require.Equal(t, domain.ReservationState{}, r.State(), "refused: it may be tried again")
			require.Empty(t, r.Events())
		})
	}
}

func TestLinesOfOneProductAddUp(t *testing.T) {
	lines, err := domain.AddUp([]domain.Line{{ProductID: "cake", Quantity: 1}, {ProductID: "apple", Quantity: 2}, {ProductID: "cake", Quantity: 3}})
	require.NoError(t, err)
	require.Equal(t, []domain.Line{{ProductID: "apple", Quantity: 2}, {ProductID: "cake", Quantity: 4}}, lines)
	_, err = reservation("").Reserve(lines, map[string]domain.Shelf{"apple": sold(pieces(t, 2)), "cake": sold(pieces(t, 3))}, monday)
	require.ErrorIs(t, err, domain.ErrOutOfStock, "each line alone would have been covered")
}

func TestLinesNeedAProductAndAQuantity(t *testing.T) {
	for name, test := range map[string]struct {
		lines []domain.Line
		field string
	}{
		"no lines":            {nil, "items"},
		"too many lines":      {slices.Repeat(twoApples, 1001), "items"},
		"no product":          {[]domain.Line{{Quantity: 1}}, "items.product_id"},
		"no pieces":           {[]domain.Line{{ProductID: "apple"}}, "items.quantity"},
		"fewer than none":     {[]domain.Line{{ProductID: "apple", Quantity: 2}, {ProductID: "apple", Quantity: -1}}, "items.quantity"},
		"more than can exist": {[]domain.Line{{ProductID: "apple", Quantity: 1_000_000_001}}, "items.quantity"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := domain.AddUp(test.lines)
			requireField(t, err, test.field)
		})
	}
	lines, err := domain.AddUp(slices.Repeat(twoApples, 1000))
	require.NoError(t, err)
	require.Equal(t, []domain.Line{{ProductID: "apple", Quantity: 2000}}, lines)
}
