package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/depot/internal/domain"
)

// ListFilter says which shopping lists are wanted: those that match all of it. What is empty matches all lists.
type ListFilter struct {
	Status  domain.Status
	OrderID string
	BotID   string // of the bot that has the list, or had it
}

// ListShoppingLists gives up to limit shopping lists that match the filter, oldest first, after the one with the id after.
func (a *App) ListShoppingLists(ctx context.Context, filter ListFilter, after string, limit int) (lists []*domain.ShoppingList, err error) {
	err = a.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		lists, err = a.lists.List(ctx, tx, filter, after, limit)
		return err
	})
	return lists, err
}
