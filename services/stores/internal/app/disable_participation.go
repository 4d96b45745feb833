package app

import (
	"context"

	"mallbots.example/services/stores/internal/domain"
)

// DisableParticipation keeps customers from buying from a store.
func (a *App) DisableParticipation(ctx context.Context, id string) (domain.StoreView, error) {
	return a.changeStore(ctx, id, func(s *domain.Store) error { return s.DisableParticipation(a.clock.Now()) })
}
