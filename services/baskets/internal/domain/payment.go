package domain

import (
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/money"
)

// Reasons for which a payment can't pay for a basket.
var (
	ErrPaymentOfOther       = fault.Refuse("PAYMENT_OF_OTHER_CUSTOMER", "the payment belongs to another customer")
	ErrPaymentInUse         = fault.Refuse("PAYMENT_IN_USE", "the payment is bound to another order")
	ErrPaymentNotAuthorized = fault.Refuse("PAYMENT_NOT_AUTHORIZED", "the payment is not authorized any more")
)

// Payment is what the basket must know of the money that a customer has set aside.
type Payment struct {
	ID         string
	CustomerID string
	Amount     money.Money
	Authorized bool   // set aside, for no order yet
	Voided     bool   // given back; it may still name the order that it was bound to
	OrderID    string // the order that it is bound to, if it is
}

// covers says whether the payment can pay the total of a basket. That it still can when the order is confirmed is for payments to see.
func (p Payment) covers(b *Basket, total money.Money) error {
	switch {
	case p.CustomerID != b.state.CustomerID:
		return ErrPaymentOfOther
	case p.Voided:
		return ErrPaymentNotAuthorized
	case p.OrderID != "" && p.OrderID != b.ID():
		return ErrPaymentInUse
	case !p.Authorized:
		return ErrPaymentNotAuthorized
	}
	tooSmall, err := p.Amount.LessThan(total)
	if err != nil {
		return err
	}
	if tooSmall {
		return fault.Refuse("PAYMENT_TOO_SMALL", "the payment of %s does not cover %s", p.Amount, total)
	}
	return nil
}
