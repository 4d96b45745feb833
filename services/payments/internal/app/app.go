// Package app holds the use cases of payments, one file each.
package app

import (
	"context"
	"errors"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/store"
	"mallbots.example/services/payments/internal/domain"
)

// Payments is the repository of payments.
type Payments interface {
	// Get gives a payment, or domain.PaymentNotFound.
	Get(ctx context.Context, tx *store.Tx, id string) (*domain.Payment, error)
	// Save stores what happened to a payment.
	Save(tx *store.Tx, payment *domain.Payment)
}

// Invoices is the repository of invoices.
type Invoices interface {
	// Get gives an invoice, or domain.InvoiceNotFound.
	Get(ctx context.Context, tx *store.Tx, id string) (*domain.Invoice, error)
	// OfOrder gives the invoice of an order, if there is one.
	OfOrder(ctx context.Context, tx *store.Tx, orderID string) (invoice *domain.Invoice, found bool, err error)
	// List gives up to limit invoices that match, newest first, after the one with the id after ("" for the first ones).
	List(ctx context.Context, tx *store.Tx, filter InvoiceFilter, after string, limit int) ([]*domain.Invoice, error)
	// Decide claims the decision whether an order has an invoice, and reports whether this is the first claim. Of claims made at the same
	// time, one is the first, and the others wait for its unit of work.
	Decide(ctx context.Context, tx *store.Tx, orderID string) (first bool, err error)
	// Save stores what happened to an invoice.
	Save(tx *store.Tx, invoice *domain.Invoice)
}

// InvoiceFilter says which invoices are wanted: those that match all that is not empty.
type InvoiceFilter struct {
	CustomerID string
	OrderID    string
}

// Events tells the other services what happened.
type Events interface {
	PublishPayment(ctx context.Context, tx *store.Tx, payment *domain.Payment)
	PublishInvoice(ctx context.Context, tx *store.Tx, invoice *domain.Invoice)
}

// App runs the use cases, each in a unit of work.
type App struct {
	db       *store.DB
	payments Payments
	invoices Invoices
	events   Events
	clock    clock.Clock
	newID    id.Source
}

// New makes the use cases.
func New(db *store.DB, payments Payments, invoices Invoices, events Events, clock clock.Clock, newID id.Source) *App {
	return &App{db: db, payments: payments, invoices: invoices, events: events, clock: clock, newID: newID}
}

// changeInvoice is a use case that changes one invoice. payment is what it is captured from, nil if there is none.
func (a *App) changeInvoice(
	ctx context.Context, id string, change func(invoice *domain.Invoice, payment *domain.Payment) error,
) (invoice *domain.Invoice, err error) {
	err = a.db.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
		if invoice, err = a.invoices.Get(ctx, tx, id); err != nil {
			return err
		}
		payment, err := a.payments.Get(ctx, tx, invoice.State().PaymentID)
		if err != nil && !errors.Is(err, domain.PaymentNotFound("")) { // the id is an order's word, so it need not exist
			return err
		}
		if err := change(invoice, payment); err != nil {
			return err
		}
		a.saveInvoice(ctx, tx, invoice)
		if payment != nil {
			a.savePayment(ctx, tx, payment)
		}
		return nil
	})
	return invoice, err
}

func (a *App) savePayment(ctx context.Context, tx *store.Tx, payment *domain.Payment) {
	a.payments.Save(tx, payment)
	a.events.PublishPayment(ctx, tx, payment)
}

func (a *App) saveInvoice(ctx context.Context, tx *store.Tx, invoice *domain.Invoice) {
	a.invoices.Save(tx, invoice)
	a.events.PublishInvoice(ctx, tx, invoice)
}
