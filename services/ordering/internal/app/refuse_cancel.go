package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/ordering/internal/domain"
)

// RefuseCancel lets an order go on that a bot has already.
func (a *App) RefuseCancel(ctx context.Context, tx *store.Tx, id, reason string) error {
	return a.told(ctx, tx, id, func(o *domain.Order) error {
		o.RefuseCancel(reason, a.clock.Now())
		return nil
	})
}
