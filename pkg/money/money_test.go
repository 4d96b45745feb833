package money_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/money"
)

const most, least = math.MaxInt64, math.MinInt64

func usd(minorUnits int64) money.Money { return money.Must("USD", minorUnits) }

func TestACurrencyIsThreeCapitalLetters(t *testing.T) {
	m, err := money.New("USD", 1250)
	require.NoError(t, err)
	require.Equal(t, "USD", m.Currency())
	require.EqualValues(t, 1250, m.MinorUnits())
	for _, currency := range []string{"", "US", "USDX", "usd", "U1D", "US ", "ÄU"} {
		m, err := money.New(currency, 1)
		require.Zero(t, m)
		refusal, ok := fault.As(err)
		require.True(t, ok, currency)
		require.Equal(t, fault.Invalid, refusal.Kind)
		require.Equal(t, "currency_code", refusal.Fields[0].Name)
		require.Panics(t, func() { money.Zero(currency) })
	}
}

func TestAnAmountIsNothingNegativeOrNeither(t *testing.T) {
	for _, m := range []money.Money{money.Zero("USD"), usd(-1), usd(1)} {
		require.Equal(t, m.MinorUnits() == 0, m.IsZero(), m)
		require.Equal(t, m.MinorUnits() < 0, m.IsNegative(), m)
	}
}

func TestAmountsOfOneCurrencyAddUp(t *testing.T) {
	for _, c := range []struct{ a, b, want int64 }{
		{1, 2, 3}, {0, 0, 0}, {5, 0, 5}, {0, -5, -5}, {1, -2, -1},
		{most - 1, 1, most}, {least + 1, -1, least}, {most, least, -1}, {most, 0, most}, {least, 0, least},
	} {
		sum, err := usd(c.a).Add(usd(c.b))
		require.NoError(t, err, c)
		require.Equal(t, usd(c.want), sum, c)
	}
	for _, c := range [][2]int64{{most, 1}, {1, most}, {least, -1}, {least, least}, {most, most}} {
		_, err := usd(c[0]).Add(usd(c[1]))
		requireRefusal(t, err, money.OverflowReason)
	}
}

func TestAPriceTimesAQuantity(t *testing.T) {
	for _, c := range []struct{ price, quantity, want int64 }{
		{250, 3, 750}, {250, 0, 0}, {0, most, 0}, {-5, 3, -15}, {5, -3, -15}, {-5, -3, 15},
		{most, 1, most}, {most, -1, -most}, {least, 1, least}, {least / 2, 2, least}, {1 << 62, -2, least}, {least, 0, 0},
	} {
		product, err := usd(c.price).Times(c.quantity)
		require.NoError(t, err, c)
		require.Equal(t, usd(c.want), product, c)
	}
	for _, c := range [][2]int64{{least, -1}, {most, 2}, {most, most}, {least, least}, {1 << 62, 2}, {1 << 32, 1 << 32}, {least, 2}} {
		_, err := usd(c[0]).Times(c[1])
		requireRefusal(t, err, money.OverflowReason)
	}
}

func TestAmountsOfOneCurrencyCompare(t *testing.T) {
	for _, c := range []struct {
		a, b int64
		want int
	}{{1, 2, -1}, {2, 2, 0}, {3, 2, 1}, {least, most, -1}} {
		got, err := usd(c.a).Compare(usd(c.b))
		require.NoError(t, err)
		require.Equal(t, c.want, got, c)
		less, err := usd(c.a).LessThan(usd(c.b))
		require.NoError(t, err)
		require.Equal(t, c.want < 0, less, c)
	}
	one, other := usd(2), usd(2)
	require.True(t, one == other)
	require.False(t, usd(2) == money.Must("EUR", 2))
}

func TestAmountsOfTwoCurrenciesDoNotMix(t *testing.T) {
	for _, c := range [][2]money.Money{
		{usd(1), money.Must("EUR", 1)}, {usd(0), money.Zero("EUR")}, {usd(1), {}}, {{}, usd(1)}, {{}, {}},
	} {
		_, err := c[0].Add(c[1])
		requireRefusal(t, err, money.CurrencyMismatchReason)
		_, err = c[0].Compare(c[1])
		requireRefusal(t, err, money.CurrencyMismatchReason)
		less, err := c[0].LessThan(c[1])
		require.False(t, less)
		requireRefusal(t, err, money.CurrencyMismatchReason)
	}
}

func TestAnAmountForPeople(t *testing.T) {
	for want, m := range map[string]money.Money{
		"USD 12.34":                 usd(1234),
		"USD 0.00":                  usd(0),
		"USD 0.05":                  usd(5),
		"USD -0.05":                 usd(-5),
		"USD 1.00":                  usd(100),
		"USD -92233720368547758.08": usd(least),
		"JPY 1234":                  money.Must("JPY", 1234),
		"JPY 0":                     money.Zero("JPY"),
		"KWD 1.234":                 money.Must("KWD", 1234),
		"CLF 0.0012":                money.Must("CLF", 12),
		"XYZ 12.34":                 money.Must("XYZ", 1234),
		"no money":                  {},
	} {
		require.Equal(t, want, m.String())
	}
}

// The form is stored in events: a change would make old ones unreadable.
func TestTheJSONFormOfAnAmount(t *testing.T) {
	for want, m := range map[string]money.Money{
		`{"currency":"USD","minor_units":1234}`:                 usd(1234),
		`{"currency":"USD","minor_units":0}`:                    usd(0),
		`{"currency":"EUR","minor_units":-9223372036854775808}`: money.Must("EUR", least),
	} {
		data, err := json.Marshal(m)
		require.NoError(t, err)
		require.Equal(t, want, string(data))
		var back money.Money
		require.NoError(t, json.Unmarshal(data, &back))
		require.Equal(t, m, back)
	}
}

func TestAnAmountThatIsNotThereIsNotStored(t *testing.T) {
	_, err := json.Marshal(money.Money{})
	require.ErrorContains(t, err, "money: no currency")
	data, err := json.Marshal(struct {
		Discount money.Money `json:"discount,omitzero"`
	}{})
	require.NoError(t, err)
	require.Equal(t, `{}`, string(data))
}

func TestBrokenJSONIsAnErrorButNoFault(t *testing.T) {
	for _, data := range []string{
		`null`, `{}`, `[]`, `12`, `{"currency":"USD"}`, `{"minor_units":1}`, `{"currency":"USD","minor_units":null}`,
		`{"currency":"usd","minor_units":1}`, `{"currency":"USD","minor_units":1.5}`, `{"currency":"USD","minor_units":"1"}`,
		`{"currency":"USD","minor_units":9223372036854775808}`,
	} {
		m := usd(7)
		err := json.Unmarshal([]byte(data), &m)
		require.Error(t, err, data)
		require.Equal(t, usd(7), m, "left as it was")
		_, isFault := fault.As(err)
		require.False(t, isFault, data)
	}
}

func requireRefusal(t *testing.T, err error, reason string) {
	t.Helper()
	refusal, ok := fault.As(err)
	require.True(t, ok, "%v", err)
	require.Equal(t, fault.Refused, refusal.Kind)
	require.Equal(t, reason, refusal.Reason)
}
