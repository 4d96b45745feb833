package app

import (
	"context"

	"mallbots.example/services/depot/internal/domain"
)

// CompleteShoppingList says that this bot has collected all of its list.
func (a *App) CompleteShoppingList(ctx context.Context, id, botID string) (*domain.ShoppingList, error) {
	return a.change(ctx, id, func(l *domain.ShoppingList) error { return l.Complete(botID, a.clock.Now()) })
}
