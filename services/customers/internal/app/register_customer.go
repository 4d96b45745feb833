package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/customers/internal/domain"
)

// RegisterCustomer makes a customer.
func (a *App) RegisterCustomer(ctx context.Context, name, smsNumber string) (customer *domain.Customer, err error) {
	err = a.db.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
		if customer, err = domain.Register(a.newID(), name, smsNumber, a.clock.Now()); err != nil {
			return err
		}
		a.save(ctx, tx, customer)
		return nil
	})
	return customer, err
}
