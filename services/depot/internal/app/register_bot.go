package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/depot/internal/domain"
)

// RegisterBot makes a bot known by its name. The bot that has the name already is given as it is, with the list that it has.
func (a *App) RegisterBot(ctx context.Context, name string) (bot *domain.Bot, err error) {
	err = a.db.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
		known, found, err := a.bots.Named(ctx, tx, name)
		if err != nil {
			return err
		}
		if found {
			bot = known
			return nil
		}
		if bot, err = domain.RegisterBot(a.newID(), name, a.clock.Now()); err != nil {
			return err
		}
		a.bots.Save(tx, bot) // names are unique: of two who register one at the same time, the second runs again and finds the first
		return nil
	})
	return bot, err
}
