package domain_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/services/stores/internal/domain"
)

// pieces is a limited stock.
func pieces(t *testing.T, n int64) domain.Stock {
	t.Helper()
	s, err := domain.Limited(n)
	require.NoError(t, err)
	return s
}

func TestStockIsNeverNegative(t *testing.T) {
	_, err := domain.Limited(-1)
	requireField(t, err, "stock")
}

func TestWhatStockCovers(t *testing.T) {
	for name, test := range map[string]struct {
		stock    domain.Stock
		quantity int64
		covered  bool
	}{
		"fewer than there are":   {pieces(t, 3), 2, true},
		"all that there are":     {pieces(t, 3), 3, true},
		"more than there are":    {pieces(t, 3), 4, false},
		"something of nothing":   {pieces(t, 0), 1, false},
		"anything of no end":     {domain.Unlimited(), 1 << 40, true},
		"the zero value: no end": {domain.Stock{}, 1, true},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.covered, test.stock.Covers(test.quantity)) })
	}
}

func TestHowStockIsAdjusted(t *testing.T) {
	for name, test := range map[string]struct {
		stock domain.Stock
		delta int64
		err   error
		left  int64
	}{
		"a delivery":                  {pieces(t, 3), 2, nil, 5},
		"a delivery to empty shelves": {pieces(t, 0), 1, nil, 1},
		"a loss":                      {pieces(t, 3), -2, nil, 1},
		"all is lost":                 {pieces(t, 3), -3, nil, 0},
		"more than all is lost":       {pieces(t, 3), -4, domain.ErrOutOfStock, 3},
		"the largest delivery":        {pieces(t, 3), 1_000_000_000, nil, 1_000_000_003},
		"a delivery to what is full":  {domain.Unlimited(), 1, domain.ErrUnlimited, 0},
		"a loss of what has no end":   {domain.Unlimited(), -1, domain.ErrUnlimited, 0},
	} {
		t.Run(name, func(t *testing.T) {
			adjusted, err := test.stock.Adjust(test.delta)
			require.ErrorIs(t, err, test.err)
			left, _ := adjusted.Available()
			require.Equal(t, test.left, left)
		})
	}
}

func TestAnAdjustmentIsSomethingAndHasItsLimit(t *testing.T) {
	for _, delta := range []int64{0, 1_000_000_001, -1_000_000_001} {
		for _, stock := range []domain.Stock{pieces(t, 3), domain.Unlimited()} {
			unchanged, err := stock.Adjust(delta)
			requireField(t, err, "delta")
			require.Equal(t, stock, unchanged)
		}
	}
}
