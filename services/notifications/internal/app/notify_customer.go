package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/notifications/internal/domain"
)

// NotifyCustomer queues the notification that an order is to have, within a unit of work: once, however often it is asked for. That of a
// customer whom nobody knows is kept as failed: an order of a stranger is rejected soon, and is no reason to hold up the others.
func (a *App) NotifyCustomer(ctx context.Context, tx *store.Tx, kind domain.Kind, order domain.Order) error {
	if has, err := a.Notifications.Has(ctx, tx, order.ID, kind); err != nil || has {
		return err
	}
	customer, _, err := a.People.Find(ctx, tx, order.CustomerID) // a stranger has no number
	if err != nil {
		return err
	}
	notification, err := domain.Write(a.IDs(), kind, order, customer.SmsNumber, a.Clock.Now())
	if err != nil {
		return err
	}
	a.save(ctx, tx, notification)
	return nil
}
