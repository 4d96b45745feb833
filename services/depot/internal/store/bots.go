package store

import (
	"context"
	"errors"

	"mallbots.example/pkg/aggregate"
	"mallbots.example/pkg/store"
	"mallbots.example/services/depot/internal/domain"
)

// Bots implements app.Bots.
type Bots struct{}

const botColumns = `id, version, name, list_id, created_at, updated_at`

// Get implements app.Bots.
func (Bots) Get(ctx context.Context, tx *store.Tx, id string) (*domain.Bot, error) {
	bot, err := scanBot(tx.QueryRow(ctx, `SELECT `+botColumns+` FROM bots WHERE id = $1`, id))
	if errors.Is(err, store.ErrNoRows) {
		return nil, domain.BotNotFound(id)
	}
	return bot, err
}

// Named implements app.Bots.
func (Bots) Named(ctx context.Context, tx *store.Tx, name string) (bot *domain.Bot, found bool, err error) {
	bot, err = scanBot(tx.QueryRow(ctx, `SELECT `+botColumns+` FROM bots WHERE name = $1`, name))
	if errors.Is(err, store.ErrNoRows) {
		return nil, false, nil
	}
	return bot, err == nil, err
}

// List implements app.Bots. Ids are UUIDv7: their order is that of creation.
func (Bots) List(ctx context.Context, tx *store.Tx, after string, limit int) ([]*domain.Bot, error) {
	return store.All(ctx, tx, func(row *store.Rows) (*domain.Bot, error) { return scanBot(row) },
		`SELECT `+botColumns+` FROM bots WHERE id > $1 ORDER BY id LIMIT $2`, after, limit)
}

// Save implements app.Bots.
func (Bots) Save(tx *store.Tx, bot *domain.Bot) {
	if len(bot.Events()) == 0 {
		return
	}
	state, meta := bot.State(), bot.Meta()
	if bot.StoredVersion() == 0 {
		tx.Queue(`INSERT INTO bots (`+botColumns+`) VALUES ($1, $2, $3, $4, $5, $6)`,
			meta.ID, meta.Version, state.Name, state.ListID, meta.CreatedAt, meta.UpdatedAt)
		return
	}
	tx.QueueOne(store.ErrConflict, `UPDATE bots SET version = $3, list_id = $4, updated_at = $5 WHERE id = $1 AND version = $2`,
		meta.ID, bot.StoredVersion(), meta.Version, state.ListID, meta.UpdatedAt)
}

func scanBot(row store.Scanner) (*domain.Bot, error) {
	var meta aggregate.Meta
	var state domain.BotState
	if err := row.Scan(&meta.ID, &meta.Version, &state.Name, &state.ListID, &meta.CreatedAt, &meta.UpdatedAt); err != nil {
		return nil, err
	}
	return domain.RestoreBot(meta, state), nil
}
