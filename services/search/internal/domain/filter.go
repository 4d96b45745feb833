package domain

import (
	"strings"
	"time"

	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/money"
	"mallbots.example/services/internal/mall"
)

// Filter says which orders are wanted: those that match all of it. What is nil, zero or empty matches all.
type Filter struct {
	CustomerID                  string
	CreatedAfter, CreatedBefore *time.Time // at or after, before
	StoreIDs, ProductIDs        []string   // with an item of at least one of each
	MinTotal, MaxTotal          money.Money
	Status                      Status
	Text                        string // in the name of the customer, a store or a product
}

// Check refuses what can't be asked: amounts in a currency that no order has.
func (f Filter) Check() error {
	for _, total := range []money.Money{f.MinTotal, f.MaxTotal} {
		if total == (money.Money{}) {
			continue
		}
		if err := mall.CheckCurrency(total); err != nil {
			return err
		}
	}
	return nil
}

// CheckText refuses a text that no name can have: databases do not take NUL in texts.
func CheckText(text string) error {
	if strings.ContainsRune(text, 0) {
		return fault.BadField("text", "must not contain NUL characters")
	}
	return nil
}

// lastMoment is the latest that is written with a year of four digits, which is the form that sorts as text.
var lastMoment = time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)

// WholeMicroseconds is the first moment, not before t, of those that orders can be created at. Where a limit falls between two of them, the
// same orders are on either side of it.
func WholeMicroseconds(t time.Time) time.Time {
	whole := t.Truncate(time.Microsecond)
	if whole.Before(t) && whole.Before(lastMoment) {
		whole = whole.Add(time.Microsecond)
	}
	return whole
}
