package domain_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/services/depot/internal/domain"
)

func TestLinesOfOneStoreAreOneStopAndLinesOfOneProductAddUp(t *testing.T) {
	cups := domain.Line{StoreID: "tea", StoreName: "Tea House", StoreLocation: "1st floor", ProductID: "cup", ProductName: "Cup", Quantity: 6}
	pen := domain.Line{StoreID: "ink", StoreName: "Ink & Co", StoreLocation: "2nd floor", ProductID: "pen", ProductName: "Pen", Quantity: 1}
	l, err := domain.CreateShoppingList("list", "order", []domain.Line{tea(2), pen, cups, tea(3), pen}, monday)
	require.NoError(t, err)
	require.Equal(t, []domain.Stop{
		{StoreID: "tea", StoreName: "Tea House", StoreLocation: "1st floor", Items: []domain.Item{
			{ProductID: "pot", ProductName: "Pot", Quantity: 5}, {ProductID: "cup", ProductName: "Cup", Quantity: 6},
		}},
		{StoreID: "ink", StoreName: "Ink & Co", StoreLocation: "2nd floor", Items: []domain.Item{{ProductID: "pen", ProductName: "Pen", Quantity: 2}}},
	}, l.State().Stops)
}

func TestAListNeedsLinesThatCanBeCollected(t *testing.T) {
	with := func(change func(l *domain.Line)) []domain.Line {
		line := tea(1)
		change(&line)
		return []domain.Line{tea(1), line}
	}
	for name, test := range map[string]struct {
		lines []domain.Line
		field string
	}{
		"no lines":                  {nil, "items"},
		"too many lines":            {slices.Repeat([]domain.Line{tea(1)}, 1001), "items"},
		"no product":                {with(func(l *domain.Line) { l.ProductID = "" }), "items.product_id"},
		"no store":                  {with(func(l *domain.Line) { l.StoreID = "" }), "items.store_id"},
		"no pieces":                 {with(func(l *domain.Line) { l.Quantity = 0 }), "items.quantity"},
		"less than none":            {with(func(l *domain.Line) { l.Quantity = -1 }), "items.quantity"},
		"too many pieces":           {with(func(l *domain.Line) { l.Quantity = math.MaxInt32 + 1 }), "items.quantity"},
		"too many pieces, added up": {with(func(l *domain.Line) { l.Quantity = math.MaxInt32 }), "items.quantity"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := domain.CreateShoppingList("list", "order", test.lines, monday)
			requireField(t, test.field, err)
		})
	}
}

func TestAListMayBeAsLongAndItsNumbersAsLargeAsTheLimits(t *testing.T) {
	l, err := domain.CreateShoppingList("list", "order", slices.Repeat([]domain.Line{tea(1)}, 1000), monday)
	require.NoError(t, err)
	require.EqualValues(t, 1000, l.State().Stops[0].Items[0].Quantity)
	_, err = domain.CreateShoppingList("list", "order", []domain.Line{tea(math.MaxInt32)}, monday)
	require.NoError(t, err)
}
