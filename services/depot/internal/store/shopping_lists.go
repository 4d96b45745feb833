// Package store keeps shopping lists and bots, a row each.
package store

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"

	"mallbots.example/pkg/aggregate"
	"mallbots.example/pkg/store"
	"mallbots.example/services/depot/internal/app"
	"mallbots.example/services/depot/internal/domain"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema holds the tables of depot.
var Schema = store.NewSchema("depot", migrations)

// ShoppingLists implements app.ShoppingLists.
type ShoppingLists struct{}

const listColumns = `id, version, order_id, stops, bot_id, status, created_at, updated_at`

// Get implements app.ShoppingLists.
func (ShoppingLists) Get(ctx context.Context, tx *store.Tx, id string) (*domain.ShoppingList, error) {
	list, err := scanList(tx.QueryRow(ctx, `SELECT `+listColumns+` FROM shopping_lists WHERE id = $1 AND status <> $2`, id, string(domain.Tombstone)))
	if errors.Is(err, store.ErrNoRows) {
		return nil, domain.ListNotFound(id)
	}
	return list, err
}

// OfOrder implements app.ShoppingLists.
func (ShoppingLists) OfOrder(ctx context.Context, tx *store.Tx, orderID string) (list *domain.ShoppingList, found bool, err error) {
	list, err = scanList(tx.QueryRow(ctx, `SELECT `+listColumns+` FROM shopping_lists WHERE order_id = $1`, orderID))
	if errors.Is(err, store.ErrNoRows) {
		return nil, false, nil
	}
	return list, err == nil, err
}

// List implements app.ShoppingLists. Ids are UUIDv7: their order is that of creation.
func (ShoppingLists) List(ctx context.Context, tx *store.Tx, filter app.ListFilter, after string, limit int) ([]*domain.ShoppingList, error) {
	query, args := `SELECT `+listColumns+` FROM shopping_lists WHERE id > $1`, []any{after}
	where := func(column, operator, value string) {
		args = append(args, value)
		query += fmt.Sprintf(` AND %s %s $%d`, column, operator, len(args))
	}
	if filter.Status != "" {
		where("status", "=", string(filter.Status))
	} else {
		where("status", "<>", string(domain.Tombstone))
	}
	if filter.OrderID != "" {
		where("order_id", "=", filter.OrderID)
	}
	if filter.BotID != "" {
		where("bot_id", "=", filter.BotID)
	}
	args = append(args, limit)
	query += fmt.Sprintf(` ORDER BY id LIMIT $%d`, len(args))
	return store.All(ctx, tx, func(row *store.Rows) (*domain.ShoppingList, error) { return scanList(row) }, query, args...)
}

// Save implements app.ShoppingLists. What a list holds never changes, only who has it and where it stands.
func (ShoppingLists) Save(tx *store.Tx, list *domain.ShoppingList) error {
	if len(list.Events()) == 0 {
		return nil
	}
	state, meta := list.State(), list.Meta()
	if list.StoredVersion() > 0 {
		tx.QueueOne(store.ErrConflict, `UPDATE shopping_lists SET version = $3, bot_id = $4, status = $5, updated_at = $6 WHERE id = $1 AND version = $2`,
			meta.ID, list.StoredVersion(), meta.Version, state.BotID, string(state.Status), meta.UpdatedAt)
		return nil
	}
	stops, err := json.Marshal(state.Stops)
	if err != nil {
		return fmt.Errorf("shopping list %s: stops: %w", meta.ID, err)
	}
	tx.Queue(`INSERT INTO shopping_lists (`+listColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		meta.ID, meta.Version, state.OrderID, string(stops), state.BotID, string(state.Status), meta.CreatedAt, meta.UpdatedAt)
	return nil
}

func scanList(row store.Scanner) (*domain.ShoppingList, error) {
	var meta aggregate.Meta
	var state domain.ListState
	var stops []byte
	err := row.Scan(&meta.ID, &meta.Version, &state.OrderID, &stops, &state.BotID, &state.Status, &meta.CreatedAt, &meta.UpdatedAt)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(stops, &state.Stops); err != nil {
		return nil, fmt.Errorf("shopping list %s: stops: %w", meta.ID, err)
	}
	return domain.RestoreShoppingList(meta, state), nil
}
