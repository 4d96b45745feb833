package domain

import (
	"time"

	"mallbots.example/pkg/aggregate"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/money"
)

// ErrNotPending refuses to change an invoice that has its end.
var ErrNotPending = fault.Refuse("INVOICE_NOT_PENDING", "the invoice is paid or canceled")

// InvoiceNotFound says that there is no such invoice.
func InvoiceNotFound(id string) error {
	return fault.Missing("INVOICE_NOT_FOUND", "there is no invoice %s", id)
}

// InvoiceEvent is what can happen to an invoice.
type InvoiceEvent string

// The events of an invoice.
const (
	InvoiceCreated  InvoiceEvent = "created"
	InvoiceAdjusted InvoiceEvent = "adjusted"
	InvoicePaid     InvoiceEvent = "paid"
	InvoiceCanceled InvoiceEvent = "canceled"
)

// InvoiceStatus is where an invoice stands: pending → paid | canceled. The values are stored.
type InvoiceStatus string

// The statuses of an invoice.
const (
	Pending  InvoiceStatus = "pending"  // it waits for the customer
	Paid     InvoiceStatus = "paid"     // final
	Canceled InvoiceStatus = "canceled" // final
)

// InvoiceState is what is known of an invoice.
type InvoiceState struct {
	OrderID    string
	CustomerID string
	PaymentID  string // what it is captured from
	Amount     money.Money
	Status     InvoiceStatus
}

// Invoice is what a customer pays at the counter when the order is ready.
type Invoice struct {
	aggregate.Root[InvoiceEvent]
	state InvoiceState
}

// Issue makes the invoice of an order.
func Issue(id string, order Order, now time.Time) (*Invoice, error) {
	for _, part := range []struct{ field, id string }{
		{"order_id", order.ID}, {"customer_id", order.CustomerID}, {"payment_id", order.PaymentID},
	} {
		if err := checkID(part.field, part.id); err != nil {
			return nil, err
		}
	}
	if err := checkAmount(order.Total); err != nil {
		return nil, err
	}
	i := &Invoice{
		Root: aggregate.New[InvoiceEvent](id),
		state: InvoiceState{
			OrderID: order.ID, CustomerID: order.CustomerID, PaymentID: order.PaymentID, Amount: order.Total, Status: Pending,
		},
	}
	i.Record(InvoiceCreated, now)
	return i, nil
}

// RestoreInvoice gives the invoice that was stored.
func RestoreInvoice(meta aggregate.Meta, state InvoiceState) *Invoice {
	return &Invoice{Root: aggregate.Restored[InvoiceEvent](meta), state: state}
}

// State is what is known of the invoice now.
func (i *Invoice) State() InvoiceState { return i.state }

// Pay takes the amount from payment, which is the invoice's (nil if there is none) and must be bound to the order.
func (i *Invoice) Pay(payment *Payment, now time.Time) error {
	if err := i.checkPending(); err != nil {
		return err
	}
	if payment == nil {
		return ErrNotConfirmed
	}
	if err := payment.capture(i.state.OrderID, i.state.Amount, now); err != nil {
		return err
	}
	i.state.Status = Paid
	i.Record(InvoicePaid, now)
	return nil
}

// Cancel ends the invoice unpaid.
func (i *Invoice) Cancel(now time.Time) error {
	if err := i.checkPending(); err != nil {
		return err
	}
	i.state.Status = Canceled
	i.Record(InvoiceCanceled, now)
	return nil
}

// Adjust gives the invoice another amount, which its payment (nil if there is none) must cover: what was not set aside can't be
// captured. The amount that it has changes nothing.
func (i *Invoice) Adjust(amount money.Money, payment *Payment, now time.Time) error {
	if err := i.checkPending(); err != nil {
		return err
	}
	if err := checkAmount(amount); err != nil {
		return err
	}
	if amount == i.state.Amount {
		return nil
	}
	if payment == nil {
		return ErrTooSmall
	}
	if err := payment.cover(amount); err != nil {
		return err
	}
	i.state.Amount = amount
	i.Record(InvoiceAdjusted, now)
	return nil
}

func (i *Invoice) checkPending() error {
	if i.state.Status != Pending {
		return ErrNotPending
	}
	return nil
}
