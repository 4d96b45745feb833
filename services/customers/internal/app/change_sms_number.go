package app

import (
	"context"

	"mallbots.example/services/customers/internal/domain"
)

// ChangeSmsNumber says where a customer is reached from now on.
func (a *App) ChangeSmsNumber(ctx context.Context, id, smsNumber string) (*domain.Customer, error) {
	return a.change(ctx, id, func(c *domain.Customer) error { return c.ChangeSmsNumber(smsNumber, a.clock.Now()) })
}
