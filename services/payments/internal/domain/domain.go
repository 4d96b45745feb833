// Package domain holds the rules about payments and invoices. It does no I/O.
package domain

import (
	"strings"

	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/money"
	"mallbots.example/services/internal/mall"
)

// Order is what payments is told of an order.
type Order struct {
	ID         string
	CustomerID string
	PaymentID  string
	Total      money.Money
}

func checkID(field, id string) error {
	if strings.TrimSpace(id) == "" {
		return fault.BadField(field, "must not be blank")
	}
	return nil
}

// checkAmount takes what the mall can charge: nothing is sold for less than nothing, or in another currency. Nothing itself is an
// amount: a store may give its goods away.
func checkAmount(amount money.Money) error {
	if amount.IsNegative() {
		return fault.BadField("amount", "must not be negative")
	}
	return mall.CheckCurrency(amount)
}
