package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/customers/internal/domain"
)

// GetCustomer gives one customer.
func (a *App) GetCustomer(ctx context.Context, id string) (customer *domain.Customer, err error) {
	err = a.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		customer, err = a.customers.Get(ctx, tx, id)
		return err
	})
	return customer, err
}
