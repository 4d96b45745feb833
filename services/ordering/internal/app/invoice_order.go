package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/ordering/internal/domain"
)

// InvoiceOrder keeps by which invoice an order is paid.
func (a *App) InvoiceOrder(ctx context.Context, tx *store.Tx, id, invoiceID string) error {
	return a.told(ctx, tx, id, func(o *domain.Order) error {
		return o.Invoice(invoiceID, a.clock.Now())
	})
}
