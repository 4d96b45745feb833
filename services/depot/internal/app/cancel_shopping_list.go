package app

import (
	"context"

	"mallbots.example/services/depot/internal/domain"
)

// CancelShoppingList ends a list that is not completed; with a botID only if that bot has it.
func (a *App) CancelShoppingList(ctx context.Context, id, botID string) (*domain.ShoppingList, error) {
	return a.change(ctx, id, func(l *domain.ShoppingList) error { return l.Cancel(botID, a.clock.Now()) })
}
