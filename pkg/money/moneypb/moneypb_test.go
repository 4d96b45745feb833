package moneypb_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	typev1 "mallbots.example/api/mallbots/type/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/money"
	"mallbots.example/pkg/money/moneypb"
)

func TestAnAmountComesBackFromItsMessage(t *testing.T) {
	for _, m := range []money.Money{money.Must("USD", 1234), money.Zero("JPY"), money.Must("EUR", -1)} {
		back, err := moneypb.FromProto(moneypb.ToProto(m))
		require.NoError(t, err)
		require.Equal(t, m, back)
	}
	require.Equal(t, "USD", moneypb.ToProto(money.Must("USD", 5)).GetCurrencyCode())
	require.EqualValues(t, 5, moneypb.ToProto(money.Must("USD", 5)).GetMinorUnits())
}

func TestABrokenMessageNamesItsField(t *testing.T) {
	for field, m := range map[string]*typev1.Money{"money": nil, "currency_code": {CurrencyCode: "usd", MinorUnits: 1}} {
		_, err := moneypb.FromProto(m)
		refusal, ok := fault.As(err)
		require.True(t, ok)
		require.Equal(t, fault.Invalid, refusal.Kind)
		require.Equal(t, field, refusal.Fields[0].Name)
	}
}

func TestNoMoneyIsNoMessage(t *testing.T) { require.Nil(t, moneypb.ToProto(money.Money{})) }

func TestAnAmountIsWrittenForPeople(t *testing.T) {
	require.Equal(t, "USD 12.34", moneypb.Text(&typev1.Money{CurrencyCode: "USD", MinorUnits: 1234}))
	for _, none := range []*typev1.Money{nil, {}, {CurrencyCode: "dollars", MinorUnits: 1}} {
		require.Equal(t, "?", moneypb.Text(none))
	}
}
