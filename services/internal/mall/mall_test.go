package mall_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/money"
	"mallbots.example/services/internal/mall"
)

func TestOnlyTheCurrencyOfTheMallIsTaken(t *testing.T) {
	require.NoError(t, mall.CheckCurrency(money.Must(mall.Currency, 100)))
	require.NoError(t, mall.CheckCurrency(money.Zero(mall.Currency)))
	for _, other := range []money.Money{money.Must("EUR", 100), {}} {
		refusal, ok := fault.As(mall.CheckCurrency(other))
		require.True(t, ok, "%s", other)
		require.Equal(t, fault.Refused, refusal.Kind)
		require.Equal(t, money.CurrencyMismatchReason, refusal.Reason)
	}
}
