package app

import (
	"context"

	"mallbots.example/services/customers/internal/domain"
)

// DisableCustomer keeps a customer from placing orders.
func (a *App) DisableCustomer(ctx context.Context, id string) (*domain.Customer, error) {
	return a.change(ctx, id, func(c *domain.Customer) error { return c.Disable(a.clock.Now()) })
}
