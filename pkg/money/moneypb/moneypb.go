// Package moneypb turns money into its protobuf message and back.
package moneypb

import (
	typev1 "mallbots.example/api/mallbots/type/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/money"
)

// FromProto reads an amount. A missing message and a broken currency are a fault.Invalid; its field is named as in the message, for
// the caller to put the path before.
func FromProto(m *typev1.Money) (money.Money, error) {
	if m == nil {
		return money.Money{}, fault.BadField("money", "is missing")
	}
	return money.New(m.GetCurrencyCode(), m.GetMinorUnits())
}

// ToProto gives the message of an amount; nil for the zero Money, which is none.
func ToProto(m money.Money) *typev1.Money {
	if m == (money.Money{}) {
		return nil
	}
	return &typev1.Money{CurrencyCode: m.Currency(), MinorUnits: m.MinorUnits()}
}

// Text writes an amount for people; "?" for a message that is none, so that it can stand in the middle of a sentence.
func Text(m *typev1.Money) string {
	amount, err := FromProto(m)
	if err != nil {
		return "?"
	}
	return amount.String()
}
