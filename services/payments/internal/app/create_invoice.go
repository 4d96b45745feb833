package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/payments/internal/domain"
)

// CreateInvoice asks for the money of an order that is ready: once, and not if the order is known to have come to nothing.
func (a *App) CreateInvoice(ctx context.Context, tx *store.Tx, order domain.Order) error {
	first, err := a.invoices.Decide(ctx, tx, order.ID)
	if err != nil || !first {
		return err
	}
	invoice, err := domain.Issue(a.newID(), order, a.clock.Now())
	if err != nil {
		return err
	}
	a.saveInvoice(ctx, tx, invoice)
	return nil
}
