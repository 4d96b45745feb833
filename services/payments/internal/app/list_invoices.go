package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/payments/internal/domain"
)

// ListInvoices gives up to limit invoices that match, newest first, after the one with the id after.
func (a *App) ListInvoices(ctx context.Context, filter InvoiceFilter, after string, limit int) (invoices []*domain.Invoice, err error) {
	err = a.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		invoices, err = a.invoices.List(ctx, tx, filter, after, limit)
		return err
	})
	return invoices, err
}
