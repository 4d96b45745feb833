package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/customers/internal/domain"
)

// AuthorizeCustomer gives the customer if they may place an order, or the reason why not.
func (a *App) AuthorizeCustomer(ctx context.Context, id string) (customer *domain.Customer, err error) {
	err = a.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		customer, err = a.Authorize(ctx, tx, id)
		return err
	})
	return customer, err
}

// Authorize is AuthorizeCustomer within a unit of work.
func (a *App) Authorize(ctx context.Context, tx *store.Tx, id string) (*domain.Customer, error) {
	customer, err := a.customers.Get(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	return customer, customer.Authorize()
}
