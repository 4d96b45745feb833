package app

import (
	"context"

	"mallbots.example/services/customers/internal/domain"
)

// EnableCustomer lets a disabled customer shop again.
func (a *App) EnableCustomer(ctx context.Context, id string) (*domain.Customer, error) {
	return a.change(ctx, id, func(c *domain.Customer) error { return c.Enable(a.clock.Now()) })
}
