package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/depot/internal/domain"
)

// GetShoppingList gives one shopping list.
func (a *App) GetShoppingList(ctx context.Context, id string) (list *domain.ShoppingList, err error) {
	err = a.db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		list, err = a.lists.Get(ctx, tx, id)
		return err
	})
	return list, err
}
