package domain_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/money"
	"mallbots.example/services/search/internal/domain"
)

func TestTotalsAreAskedForInTheCurrencyOfTheMall(t *testing.T) {
	dollars, euros := money.Must("USD", 100), money.Must("EUR", 100)
	for name, test := range map[string]struct {
		filter domain.Filter
		reason string
	}{
		"no totals":      {domain.Filter{}, ""},
		"dollars":        {domain.Filter{MinTotal: dollars, MaxTotal: dollars}, ""},
		"none at least":  {domain.Filter{MinTotal: money.Zero("USD")}, ""},
		"min in euros":   {domain.Filter{MinTotal: euros, MaxTotal: dollars}, money.CurrencyMismatchReason},
		"max in euros":   {domain.Filter{MaxTotal: euros}, money.CurrencyMismatchReason},
		"zero of a euro": {domain.Filter{MinTotal: money.Zero("EUR")}, money.CurrencyMismatchReason},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.filter.Check()
			if test.reason == "" {
				require.NoError(t, err)
				return
			}
			refusal, ok := fault.As(err)
			require.True(t, ok)
			require.Equal(t, fault.Refused, refusal.Kind)
			require.Equal(t, test.reason, refusal.Reason)
		})
	}
}

func TestNoNameHasANul(t *testing.T) {
	require.NoError(t, domain.CheckText(""))
	require.NoError(t, domain.CheckText("tea\n%_\\"))
	refusal, ok := fault.As(domain.CheckText("te\x00a"))
	require.True(t, ok)
	require.Equal(t, "text", refusal.Fields[0].Name)
}

func TestALimitBetweenTwoMicrosecondsHasTheSameOrdersOnEitherSide(t *testing.T) {
	at := func(nanos int) time.Time { return time.Date(2026, 11, 23, 9, 0, 0, nanos, time.UTC) }
	for limit, want := range map[int]int{0: 0, 1: 1000, 999: 1000, 1000: 1000, 1001: 2000} {
		require.Equal(t, at(want), domain.WholeMicroseconds(at(limit)), limit)
	}
	require.Equal(t, time.Time{}, domain.WholeMicroseconds(time.Time{}))
	end := time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)
	require.Equal(t, 9999, domain.WholeMicroseconds(end).Year())
}
