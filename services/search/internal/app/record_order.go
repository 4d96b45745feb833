package app

import (
	"context"

	"mallbots.example/pkg/store"
)

// RecordOrder keeps an event about an order, and shows the order as the event tells it, within a unit of work. An event that is here
// already changes nothing, nor does one that is older than what is shown.
func (a *App) RecordOrder(ctx context.Context, tx *store.Tx, event Event) error {
	order, err := a.Decode(event)
	if err != nil {
		return err
	}
	// For the name. That of somebody whom nobody knows stays empty.
	if err := a.People.Ensure(ctx, tx, order.CustomerID); err != nil {
		return err
	}
	generations, err := a.Journal.Append(ctx, tx, event, a.Clock.Now())
	if err != nil {
		return err
	}
	for _, generation := range generations {
		if err := a.Orders.Put(tx, generation, order); err != nil {
			return err
		}
	}
	return nil
}
