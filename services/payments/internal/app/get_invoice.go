package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/payments/internal/domain"
)

// GetInvoice gives one invoice.
func (a *App) GetInvoice(ctx context.Context, id string) (invoice *domain.Invoice, err error) {
	err = a.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		invoice, err = a.invoices.Get(ctx, tx, id)
		return err
	})
	return invoice, err
}
