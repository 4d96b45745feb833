package domain

import (
	"time"

	"mallbots.example/pkg/aggregate"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/money"
)

// Reasons for which a rule about payments says no.
var (
	ErrOfOtherCustomer = fault.Refuse("PAYMENT_OF_OTHER_CUSTOMER", "the payment belongs to another customer")
	ErrInUse           = fault.Refuse("PAYMENT_IN_USE", "the payment is bound to another order")
	ErrNotAuthorized   = fault.Refuse("PAYMENT_NOT_AUTHORIZED", "the payment is voided")
	ErrTooSmall        = fault.Refuse("PAYMENT_TOO_SMALL", "the payment does not cover the amount")
	// ErrNotConfirmed is what no order of this mall runs into: before its payment is given back, an order has no invoice, or a canceled
	// one. It stands for what payments can't know of the others: an invoice is never paid without its money.
	ErrNotConfirmed = fault.Refuse("PAYMENT_NOT_CONFIRMED", "the payment is not bound to the order: there is nothing to capture from")
)

// PaymentNotFound says that there is no such payment.
func PaymentNotFound(id string) error {
	return fault.Missing("PAYMENT_NOT_FOUND", "there is no payment %s", id)
}

// PaymentEvent is what can happen to a payment.
type PaymentEvent string

// The events of a payment.
const (
	PaymentAuthorized PaymentEvent = "authorized"
	PaymentConfirmed  PaymentEvent = "confirmed"
	PaymentCaptured   PaymentEvent = "captured"
	PaymentVoided     PaymentEvent = "voided"
)

// PaymentStatus is where a payment stands: authorized → confirmed → captured; authorized | confirmed → voided. The values are stored.
type PaymentStatus string

// The statuses of a payment.
const (
	Authorized PaymentStatus = "authorized" // set aside, for no order yet
	Confirmed  PaymentStatus = "confirmed"  // bound to an order
	Captured   PaymentStatus = "captured"   // taken: final
	Voided     PaymentStatus = "voided"     // given back: final
)

// PaymentState is what is known of a payment.
type PaymentState struct {
	CustomerID string
	Amount     money.Money // what may be captured at most
	Status     PaymentStatus
	OrderID    string // the one order that it is bound to, also when it was given back since; empty until then
}

// Payment is money that a customer has set aside for one order.
type Payment struct {
	aggregate.Root[PaymentEvent]
	state PaymentState
}

// Authorize sets money of a customer aside.
func Authorize(id, customerID string, amount money.Money, now time.Time) (*Payment, error) {
	if err := checkID("customer_id", customerID); err != nil {
		return nil, err
	}
	if err := checkAmount(amount); err != nil {
		return nil, err
	}
	p := &Payment{
		Root:  aggregate.New[PaymentEvent](id),
		state: PaymentState{CustomerID: customerID, Amount: amount, Status: Authorized},
	}
	p.Record(PaymentAuthorized, now)
	return p, nil
}

// RestorePayment gives the payment that was stored.
func RestorePayment(meta aggregate.Meta, state PaymentState) *Payment {
	return &Payment{Root: aggregate.Restored[PaymentEvent](meta), state: state}
}

// State is what is known of the payment now.
func (p *Payment) State() PaymentState { return p.state }

// Confirm binds the payment to an order, which must be of the same customer and cost no more than was set aside. A payment is bound once:
// what it was given back from, or taken for, can't be spent again. The order that it is bound to already changes nothing.
func (p *Payment) Confirm(order Order, now time.Time) error {
	if err := checkID("order_id", order.ID); err != nil {
		return err
	}
	switch {
	case p.state.CustomerID != order.CustomerID:
		return ErrOfOtherCustomer
	case p.state.Status == Voided:
		return ErrNotAuthorized
	case p.state.OrderID != "" && p.state.OrderID != order.ID:
		return ErrInUse
	case p.state.OrderID == order.ID:
		return nil
	}
	if err := p.cover(order.Total); err != nil {
		return err
	}
	p.state.Status, p.state.OrderID = Confirmed, order.ID
	p.Record(PaymentConfirmed, now)
	return nil
}

// Void gives the payment back for the sake of an order that is not to be. One that is bound to no order yet is given back too, so that a
// Confirm for that order which comes late is refused. One of another order, or of which the money is taken, stays as it is.
func (p *Payment) Void(orderID string, now time.Time) {
	unbound := p.state.Status == Authorized
	ofOrder := p.state.Status == Confirmed && p.state.OrderID == orderID
	if !unbound && !ofOrder {
		return
	}
	p.state.Status = Voided
	p.Record(PaymentVoided, now)
}

// capture takes the amount of an invoice.
func (p *Payment) capture(orderID string, amount money.Money, now time.Time) error {
	if p.state.Status != Confirmed || p.state.OrderID != orderID {
		return ErrNotConfirmed
	}
	if err := p.cover(amount); err != nil {
		return err
	}
	p.state.Status = Captured
	p.Record(PaymentCaptured, now)
	return nil
}

// cover refuses an amount above what was set aside.
func (p *Payment) cover(amount money.Money) error {
	if amount.IsNegative() {
		return fault.BadField("amount", "must not be negative")
	}
	less, err := p.state.Amount.LessThan(amount)
	if err != nil {
		return err
	}
	if less {
		return ErrTooSmall
	}
	return nil
}
