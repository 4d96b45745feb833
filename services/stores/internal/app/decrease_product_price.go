package app

import (
	"context"

	"mallbots.example/pkg/money"
	"mallbots.example/services/stores/internal/domain"
)

// DecreaseProductPrice lowers the price of a product.
func (a *App) DecreaseProductPrice(ctx context.Context, id string, price money.Money) (domain.Listing, error) {
	return a.changeProduct(ctx, id, func(p *domain.Product) error { return p.DecreasePrice(price, a.clock.Now()) })
}
