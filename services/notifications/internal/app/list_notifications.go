package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/notifications/internal/domain"
)

// ListNotifications gives up to limit notifications that match the filter, newest first, after the one with the id after.
func (a *App) ListNotifications(ctx context.Context, filter Filter, after string, limit int) (notifications []*domain.Notification, err error) {
	err = a.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		notifications, err = a.Notifications.List(ctx, tx, filter, after, limit)
		return err
	})
	return notifications, err
}
