package app

import (
	"context"
	"errors"

	"mallbots.example/pkg/store"
	"mallbots.example/services/payments/internal/domain"
)

// CancelOrderInvoice ends the invoice of an order that came to nothing, unless it is paid. If there is none yet there never will be one:
// the decision claimed here is the tombstone.
func (a *App) CancelOrderInvoice(ctx context.Context, tx *store.Tx, orderID string) error {
	first, err := a.invoices.Decide(ctx, tx, orderID)
	if err != nil || first {
		return err
	}
	invoice, found, err := a.invoices.OfOrder(ctx, tx, orderID)
	if err != nil || !found {
		return err
	}
	if err := invoice.Cancel(a.clock.Now()); errors.Is(err, domain.ErrNotPending) {
		return nil // canceled before, or paid, which nothing takes back
	} else if err != nil {
		return err
	}
	a.saveInvoice(ctx, tx, invoice)
	return nil
}
