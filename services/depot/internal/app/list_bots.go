package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/depot/internal/domain"
)

// ListBots gives up to limit bots, oldest first, after the one with the id after.
func (a *App) ListBots(ctx context.Context, after string, limit int) (bots []*domain.Bot, err error) {
	err = a.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		bots, err = a.bots.List(ctx, tx, after, limit)
		return err
	})
	return bots, err
}
