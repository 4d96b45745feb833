package app

import (
	"context"
	"fmt"

	"mallbots.example/pkg/store"
)

// InitiateShopping makes the pending list of an approved order available to bots, within a unit of work. Only an order that has its list
// is approved: one without was overtaken, and the command waits for it. That is no refusal, which would be the final answer.
func (a *App) InitiateShopping(ctx context.Context, tx *store.Tx, orderID string) error {
	list, found, err := a.lists.OfOrder(ctx, tx, orderID)
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("the shopping list of order %s is not here yet", orderID)
	}
	list.Initiate(a.clock.Now())
	return a.save(ctx, tx, list)
}
