package app

import (
	"context"

	"mallbots.example/pkg/money"
	"mallbots.example/services/payments/internal/domain"
)

// AdjustInvoice gives an invoice another amount.
func (a *App) AdjustInvoice(ctx context.Context, id string, amount money.Money) (*domain.Invoice, error) {
	return a.changeInvoice(ctx, id, func(invoice *domain.Invoice, payment *domain.Payment) error {
		return invoice.Adjust(amount, payment, a.clock.Now())
	})
}
