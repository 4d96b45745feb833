package app

import (
	"context"

	"mallbots.example/pkg/store"
)

// ReleaseStock gives back what an order has reserved, within a unit of work. Without a reservation it leaves a tombstone, so that a
// reserve that comes late is refused.
func (a *App) ReleaseStock(ctx context.Context, tx *store.Tx, orderID string) error {
	reservation, err := a.reservations.Get(ctx, tx, orderID)
	if err != nil {
		return err
	}
	givenBack := reservation.Release(a.clock.Now())
	a.reservations.Save(tx, reservation)
	a.stock.GiveBack(tx, givenBack)
	return nil
}
