package app

import (
	"context"
	"errors"

	"mallbots.example/pkg/es"
	"mallbots.example/pkg/store"
	"mallbots.example/services/ordering/internal/domain"
)

// CreateOrder places the order of a basket that was checked out, once: an order that is here already stays as it is.
func (a *App) CreateOrder(ctx context.Context, tx *store.Tx, id string, draft domain.Draft) error {
	_, err := a.orders.Get(ctx, tx, id)
	if !errors.Is(err, es.ErrNotFound) {
		return err
	}
	order, err := domain.Create(id, draft, a.clock.Now())
	if err != nil {
		return err
	}
	return a.save(ctx, tx, order)
}
