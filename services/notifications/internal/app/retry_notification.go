package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/notifications/internal/domain"
)

// RetryNotification queues a notification again that has failed. Its customer is looked up as for a new one: who was a stranger may be
// known by now.
func (a *App) RetryNotification(ctx context.Context, id string) (n *domain.Notification, err error) {
	err = a.DB.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
		found, err := a.Notifications.Get(ctx, tx, []string{id})
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return domain.NotFound(id)
		}
		n = found[0]
		customer, _, err := a.People.Find(ctx, tx, n.State().CustomerID)
		if err != nil {
			return err
		}
		if err := n.Retry(customer.SmsNumber, a.Clock.Now()); err != nil {
			return err
		}
		a.save(ctx, tx, n)
		return nil
	})
	return n, err
}
