package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/depot/internal/domain"
)

// AssignShoppingList gives an available list to an idle bot. Of bots that want the same list, or of lists for the same bot, the versions
// of both let exactly one through.
func (a *App) AssignShoppingList(ctx context.Context, id, botID string) (list *domain.ShoppingList, err error) {
	err = a.db.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
		// The bot is read first: were it read after the list, an assignment of the two that commits in between would show as a bot that
		// is busy, with this very list.
		bot, botErr := a.bots.Get(ctx, tx, botID)
		if list, err = a.lists.Get(ctx, tx, id); err != nil {
			return err
		}
		if botErr != nil {
			return botErr
		}
		if err := domain.Assign(list, bot, a.clock.Now()); err != nil {
			return err
		}
		if err := a.save(ctx, tx, list); err != nil {
			return err
		}
		a.bots.Save(tx, bot)
		return nil
	})
	return list, err
}
