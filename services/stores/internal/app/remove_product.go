package app

import (
	"context"

	"mallbots.example/services/stores/internal/domain"
)

// RemoveProduct takes a product out of the catalog for good.
func (a *App) RemoveProduct(ctx context.Context, id string) (domain.Listing, error) {
	return a.changeProduct(ctx, id, func(p *domain.Product) error { return p.Remove(a.clock.Now()) })
}
