package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/depot/internal/domain"
)

// CancelListOfOrder ends the list of an order that does not come about, within a unit of work. Without a list it leaves a tombstone, so
// that a CreateShoppingList that comes late makes none.
func (a *App) CancelListOfOrder(ctx context.Context, tx *store.Tx, orderID string) error {
	return a.cancelListOfOrder(ctx, tx, orderID, func(l *domain.ShoppingList) error {
		l.Compensate(a.clock.Now())
		return nil
	})
}

// CancelUnassignedListOfOrder is CancelListOfOrder that can be refused: a bot may have begun.
func (a *App) CancelUnassignedListOfOrder(ctx context.Context, tx *store.Tx, orderID string) error {
	return a.cancelListOfOrder(ctx, tx, orderID, func(l *domain.ShoppingList) error { return l.CancelUnassigned(a.clock.Now()) })
}

func (a *App) cancelListOfOrder(ctx context.Context, tx *store.Tx, orderID string, cancel func(l *domain.ShoppingList) error) error {
	list, found, err := a.lists.OfOrder(ctx, tx, orderID)
	if err != nil {
		return err
	}
	if found {
		err = cancel(list)
	} else {
		list, err = domain.LeaveTombstone(a.newID(), orderID, a.clock.Now())
	}
	if err != nil {
		return err
	}
	return a.save(ctx, tx, list)
}
