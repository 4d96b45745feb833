package app

import (
	"context"

	"mallbots.example/services/stores/internal/domain"
)

// RebrandProduct gives a product another name and description.
func (a *App) RebrandProduct(ctx context.Context, id, name, description string) (domain.Listing, error) {
	return a.changeProduct(ctx, id, func(p *domain.Product) error { return p.Rebrand(name, description, a.clock.Now()) })
}
