package steps

import (
	"fmt"
	"strconv"
	"strings"

	typev1 "mallbots.example/api/mallbots/type/v1"
)

const (
	// currency of all prices in the features that do not name another.
	currency = "USD"
	// price is how sentences write one: 12.90, or 12.90 EUR.
	price = `(-?[0-9.]+(?: [A-Z]{3})?)`
)

// money reads a price as the features write it.
func money(text string) (*typev1.Money, error) {
	amount, code, foreign := strings.Cut(text, " ")
	if !foreign {
		code = currency
	}
	whole, cents, ok := strings.Cut(amount, ".")
	if !ok || len(cents) != 2 {
		return nil, fmt.Errorf("%q is not a price such as 12.90", text)
	}
	minor, err := strconv.ParseInt(whole+cents, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("%q is not a price such as 12.90", text)
	}
	return &typev1.Money{CurrencyCode: code, MinorUnits: minor}, nil
}

// costs compares an amount with a price as the features write it.
func costs(what string, got *typev1.Money, want string) error {
	price, err := money(want)
	if err != nil {
		return err
	}
	if got.GetMinorUnits() != price.GetMinorUnits() {
		return fmt.Errorf("%s is %d.%02d, not %s", what, got.GetMinorUnits()/100, got.GetMinorUnits()%100, want)
	}
	return nil
}
