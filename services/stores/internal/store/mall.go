package store

import (
	"context"
	"errors"

	"mallbots.example/pkg/store"
	"mallbots.example/services/stores/internal/domain"
)

// mall implements app.Mall.
type mall struct{}

const storeColumns = `id, version, name, location, participating, created_at, updated_at`

// Get implements app.Mall.
func (mall) Get(ctx context.Context, tx *store.Tx, id string) (domain.StoreView, error) {
	shop, err := scanStore(tx.QueryRow(ctx, `SELECT `+storeColumns+` FROM stores WHERE id = $1`, id))
	if errors.Is(err, store.ErrNoRows) {
		return domain.StoreView{}, domain.StoreNotFound(id)
	}
	return shop, err
}

// List implements app.Mall. Ids are UUIDv7: their order is that of creation.
func (mall) List(ctx context.Context, tx *store.Tx, participatingOnly bool, after string, limit int) ([]domain.StoreView, error) {
	query := `SELECT ` + storeColumns + ` FROM stores WHERE id > $1`
	if participatingOnly {
		query += ` AND participating`
	}
	return store.All(ctx, tx, func(row *store.Rows) (domain.StoreView, error) { return scanStore(row) },
		query+` ORDER BY id LIMIT $2`, after, limit)
}

// Put implements app.Mall. The events, which are appended in the same unit of work, see to it that versions don't cross.
func (mall) Put(tx *store.Tx, s domain.StoreView) {
	tx.Queue(`
INSERT INTO stores (`+storeColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO UPDATE SET version = excluded.version, name = excluded.name, location = excluded.location,
    participating = excluded.participating, updated_at = excluded.updated_at`,
		s.ID, s.Version, s.Name, s.Location, s.Participating, s.CreatedAt, s.UpdatedAt)
}

func scanStore(row store.Scanner) (s domain.StoreView, err error) {
	return s, row.Scan(&s.ID, &s.Version, &s.Name, &s.Location, &s.Participating, &s.CreatedAt, &s.UpdatedAt)
}
