package money_test

import (
	"encoding/json"
	"math/big"
	"testing"

	"mallbots.example/pkg/money"
)

// FuzzArithmetic compares sums and products with those of big.Int: the same, or refused because no int64 holds them.
func FuzzArithmetic(f *testing.F) {
	for _, seed := range [][2]int64{{0, 0}, {most, 1}, {least, -1}, {most, least}, {1 << 32, 1 << 31}, {-1 << 32, 1 << 31}, {3, -7}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, a, b int64) {
		sum, err := usd(a).Add(usd(b))
		same(t, new(big.Int).Add(big.NewInt(a), big.NewInt(b)), sum, err)
		product, err := usd(a).Times(b)
		same(t, new(big.Int).Mul(big.NewInt(a), big.NewInt(b)), product, err)
	})
}

func same(t *testing.T, want *big.Int, got money.Money, err error) {
	t.Helper()
	switch {
	case want.IsInt64() && (err != nil || got != usd(want.Int64())):
		t.Errorf("got %s, %v; want %s", got, err, want)
	case !want.IsInt64() && (err == nil || got != money.Money{}):
		t.Errorf("got %s, %v; %s is no int64", got, err, want)
	}
}

// FuzzJSON reads anything: what is accepted is a proper amount that is written and read again as itself.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{`{"currency":"USD","minor_units":1234}`, `{"minor_units":-1,"currency":"JPY","x":[]}`, `null`, `{`, `""`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var m money.Money
		if json.Unmarshal(data, &m) != nil {
			return
		}
		if again, err := money.New(m.Currency(), m.MinorUnits()); err != nil || again != m {
			t.Fatalf("%q was accepted as %s: %v", data, m, err)
		}
		written, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		var back money.Money
		if err := json.Unmarshal(written, &back); err != nil || back != m {
			t.Fatalf("%s was written as %s and read as %s: %v", m, written, back, err)
		}
	})
}
