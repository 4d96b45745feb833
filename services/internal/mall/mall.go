// Package mall holds what the whole mall has in common, whichever service asks.
package mall

import (
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/money"
)

// Currency is the one currency that prices, payments and invoices of the mall are in: nothing here knows a rate of exchange.
const Currency = "USD"

// CheckCurrency refuses an amount that is not in the currency of the mall.
func CheckCurrency(m money.Money) error {
	if m.Currency() != Currency {
		return fault.Refuse(money.CurrencyMismatchReason, "%s is not in %s, the currency of the mall", m, Currency)
	}
	return nil
}
