package app

import (
	"context"

	"mallbots.example/services/payments/internal/domain"
)

// CancelInvoice ends an invoice unpaid.
func (a *App) CancelInvoice(ctx context.Context, id string) (*domain.Invoice, error) {
	return a.changeInvoice(ctx, id, func(invoice *domain.Invoice, _ *domain.Payment) error {
		return invoice.Cancel(a.clock.Now())
	})
}
