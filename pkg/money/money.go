// Package money counts amounts of money exactly: whole minor units of one currency, never floats.
package money

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"mallbots.example/pkg/fault"
)

// Reasons of the refusals.
const (
	// CurrencyMismatchReason says that two amounts are of different currencies.
	CurrencyMismatchReason = "CURRENCY_MISMATCH"
	// OverflowReason says that a result is beyond what 64 bits count.
	OverflowReason = "AMOUNT_OVERFLOW"
)

// Money is an amount in one currency; it may be negative. Two are the same amount if and only if they are == . The zero value is no
// money at all: it has no currency, adds to nothing, and can't be stored. Zero gives nothing of a currency.
type Money struct {
	currency string
	minor    int64
}

// New is minorUnits (cents, for USD) of a currency, which is three capital letters as in ISO 4217.
func New(currency string, minorUnits int64) (Money, error) {
	if !isCurrency(currency) {
		return Money{}, fault.BadField("currency_code", `must be three capital letters, as in "USD" (ISO 4217)`)
	}
	return Money{currency: currency, minor: minorUnits}, nil
}

// Must is New for constants and tests; it panics where New gives an error.
func Must(currency string, minorUnits int64) Money {
	m, err := New(currency, minorUnits)
	if err != nil {
		panic(err)
	}
	return m
}

// Zero is none of a currency. Like Must, it is for a currency known to be one, and panics for another.
func Zero(currency string) Money { return Must(currency, 0) }

// isCurrency checks the form only: ISO adds and withdraws currencies, and a mall must not refuse one that this program has not heard of.
func isCurrency(s string) bool {
	if len(s) != 3 {
		return false
	}
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return true
}

// Currency is the ISO 4217 code.
func (m Money) Currency() string { return m.currency }

// MinorUnits is the amount in the currency's smallest unit.
func (m Money) MinorUnits() int64 { return m.minor }

// IsZero reports whether the amount is nothing, of whatever currency.
func (m Money) IsZero() bool { return m.minor == 0 }

// IsNegative reports whether the amount is below nothing.
func (m Money) IsNegative() bool { return m.minor < 0 }

// Add is the sum of two amounts of one currency.
func (m Money) Add(other Money) (Money, error) {
	if err := m.sameCurrency(other); err != nil {
		return Money{}, err
	}
	sum := m.minor + other.minor
	if (sum > m.minor) != (other.minor > 0) && other.minor != 0 {
		return Money{}, overflow("%s and %s", m, other)
	}
	return Money{currency: m.currency, minor: sum}, nil
}

// Times is the price of quantity pieces.
func (m Money) Times(quantity int64) (Money, error) {
	high, low := bits.Mul64(magnitude(m.minor), magnitude(quantity))
	negative := (m.minor < 0) != (quantity < 0)
	limit := uint64(math.MaxInt64)
	if negative {
		limit++ // int64 reaches one further below zero
	}
	if high != 0 || low > limit {
		return Money{}, overflow("%d times %s", quantity, m)
	}
	if negative {
		low = -low
	}
	return Money{currency: m.currency, minor: int64(low)}, nil //nolint:gosec // in range, as checked
}

// magnitude is |n|, which for the least int64 is no int64.
func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// Compare is negative when m is the smaller amount, zero when they are the same, positive when m is the larger.
func (m Money) Compare(other Money) (int, error) {
	if err := m.sameCurrency(other); err != nil {
		return 0, err
	}
	return cmp.Compare(m.minor, other.minor), nil
}

// LessThan reports whether m is the smaller amount.
func (m Money) LessThan(other Money) (bool, error) {
	c, err := m.Compare(other)
	return c < 0, err
}

func (m Money) sameCurrency(other Money) error {
	if m.currency != other.currency || m.currency == "" {
		return fault.Refuse(CurrencyMismatchReason, "%s and %s are not of the same currency", m, other)
	}
	return nil
}

func overflow(format string, args ...any) error {
	return fault.Refuse(OverflowReason, "%s: more than can be counted", fmt.Sprintf(format, args...))
}

// String is the amount for people: "USD 12.34", "JPY 1234", "USD -0.05".
func (m Money) String() string {
	if m.currency == "" {
		return "no money"
	}
	digits := strconv.FormatUint(magnitude(m.minor), 10)
	if places := minorDigits(m.currency); places > 0 {
		if missing := places + 1 - len(digits); missing > 0 {
			digits = strings.Repeat("0", missing) + digits
		}
		point := len(digits) - places
		digits = digits[:point] + "." + digits[point:]
	}
	if m.IsNegative() {
		digits = "-" + digits
	}
	return m.currency + " " + digits
}

type stored struct {
	Currency   string `json:"currency"`
	MinorUnits *int64 `json:"minor_units"`
}

// MarshalJSON implements json.Marshaler: {"currency":"USD","minor_units":1234}. This form is stored in events: it never changes. The
// zero value is an error, so that a forgotten price is found when it is written; tag a field that may be empty with omitzero.
func (m Money) MarshalJSON() ([]byte, error) {
	if m.currency == "" {
		return nil, errors.New("money: no currency")
	}
	return json.Marshal(stored{Currency: m.currency, MinorUnits: &m.minor})
}

// UnmarshalJSON implements json.Unmarshaler. Both fields must be there. Its errors are no faults: broken JSON comes from a database or
// a stream, and is not the mistake of whoever called.
func (m *Money) UnmarshalJSON(data []byte) error {
	var s stored
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	if s.MinorUnits == nil {
		return errors.New("money: minor_units is missing")
	}
	if !isCurrency(s.Currency) {
		return fmt.Errorf("money: %q is not a currency", s.Currency)
	}
	*m = Money{currency: s.Currency, minor: *s.MinorUnits}
	return nil
}
