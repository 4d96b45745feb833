package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/ordering/internal/domain"
)

// CancelOrder asks to cancel an order that no bot collects yet.
func (a *App) CancelOrder(ctx context.Context, id string) (view domain.View, err error) {
	err = a.db.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
		order, err := a.change(ctx, tx, id, func(o *domain.Order) error { return o.Cancel(a.clock.Now()) })
		if err != nil {
			return err
		}
		view = order.View()
		return nil
	})
	return view, err
}
