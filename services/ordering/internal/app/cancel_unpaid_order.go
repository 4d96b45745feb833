package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/ordering/internal/domain"
)

// CancelUnpaidOrder cancels an order whose invoice was canceled.
func (a *App) CancelUnpaidOrder(ctx context.Context, tx *store.Tx, id, invoiceID string) error {
	return a.told(ctx, tx, id, func(o *domain.Order) error {
		return o.CancelUnpaid(invoiceID, a.clock.Now())
	})
}
