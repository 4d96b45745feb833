package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/customers/internal/domain"
)

// ListCustomers gives up to limit customers, oldest first, after the one with the id after.
func (a *App) ListCustomers(ctx context.Context, after string, limit int) (customers []*domain.Customer, err error) {
	err = a.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		customers, err = a.customers.List(ctx, tx, after, limit)
		return err
	})
	return customers, err
}
