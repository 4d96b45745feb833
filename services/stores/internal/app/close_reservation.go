package app

import (
	"context"

	"mallbots.example/pkg/store"
)

// CloseReservation says, within a unit of work, that the goods of an order have left the mall: nothing of them goes back.
func (a *App) CloseReservation(ctx context.Context, tx *store.Tx, orderID string) error {
	reservation, err := a.reservations.Get(ctx, tx, orderID)
	if err != nil {
		return err
	}
	reservation.Leave(a.clock.Now())
	a.reservations.Save(tx, reservation)
	return nil
}
