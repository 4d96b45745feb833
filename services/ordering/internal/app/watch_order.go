package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/ordering/internal/domain"
)

// WatchOrder sends an order as it is now, as soon as it exists, and then each later version that it finds, until it is final, send gives
// an error or ctx ends. A change made by this process is found at once, another replica's within watch.Interval.
func (a *App) WatchOrder(ctx context.Context, id string, send func(order domain.View) error) error {
	var sent int64
	return a.watchers.Each(ctx, id, func(ctx context.Context) (done bool, err error) {
		var view domain.View
		var found bool
		err = a.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
			view, found, err = a.orders.Newer(ctx, tx, id, sent)
			return err
		})
		if err != nil || !found {
			return false, err
		}
		sent = view.Version
		return view.Status.Final(), send(view)
	})
}
