package app

import (
	"context"

	"mallbots.example/services/stores/internal/domain"
)

// RebrandStore gives a store another name.
func (a *App) RebrandStore(ctx context.Context, id, name string) (domain.StoreView, error) {
	return a.changeStore(ctx, id, func(s *domain.Store) error { return s.Rebrand(name, a.clock.Now()) })
}
