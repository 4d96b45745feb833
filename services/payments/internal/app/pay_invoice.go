package app

import (
	"context"

	"mallbots.example/services/payments/internal/domain"
)

// PayInvoice pays an invoice and captures its payment, both or none.
func (a *App) PayInvoice(ctx context.Context, id string) (*domain.Invoice, error) {
	return a.changeInvoice(ctx, id, func(invoice *domain.Invoice, payment *domain.Payment) error {
		return invoice.Pay(payment, a.clock.Now())
	})
}
