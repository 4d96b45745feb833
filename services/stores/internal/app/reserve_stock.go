package app

import (
	"context"

	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/store"
	"mallbots.example/services/stores/internal/domain"
)

// ReserveStock takes the items of an order from the available stock, within a unit of work: all of them or none, once per order.
func (a *App) ReserveStock(ctx context.Context, tx *store.Tx, orderID string, items []domain.Line) error {
	if orderID == "" {
		return fault.BadField("order_id", "must not be empty")
	}
	lines, err := domain.AddUp(items)
	if err != nil {
		return err
	}
	reservation, err := a.reservations.Get(ctx, tx, orderID)
	if err != nil {
		return err
	}
	productIDs := make([]string, len(lines))
	for i, line := range lines {
		productIDs[i] = line.ProductID
	}
	shelves, err := a.catalog.Shelves(ctx, tx, productIDs)
	if err != nil {
		return err
	}
	taken, err := reservation.Reserve(lines, shelves, a.clock.Now())
	if err != nil {
		return err
	}
	a.reservations.Save(tx, reservation)
	a.stock.Take(tx, taken)
	return nil
}
