package app

import (
	"context"

	"mallbots.example/services/stores/internal/domain"
)

// EnableParticipation lets customers buy from a store.
func (a *App) EnableParticipation(ctx context.Context, id string) (domain.StoreView, error) {
	return a.changeStore(ctx, id, func(s *domain.Store) error { return s.EnableParticipation(a.clock.Now()) })
}
