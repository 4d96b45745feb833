// Package store keeps customers, a row each.
package store

import (
	"context"
	"embed"
	"errors"

	"mallbots.example/pkg/aggregate"
	"mallbots.example/pkg/store"
	"mallbots.example/services/customers/internal/domain"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema holds the tables of customers.
var Schema = store.NewSchema("customers", migrations)

// Customers implements app.Customers.
type Customers struct{}

const columns = `id, version, name, sms_number, enabled, created_at, updated_at`

// Get implements app.Customers.
func (Customers) Get(ctx context.Context, tx *store.Tx, id string) (*domain.Customer, error) {
	customer, err := scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM customers WHERE id = $1`, id))
	if errors.Is(err, store.ErrNoRows) {
		return nil, domain.NotFound(id)
	}
	return customer, err
}

// List implements app.Customers. Ids are UUIDv7: their order is that of creation.
func (Customers) List(ctx context.Context, tx *store.Tx, after string, limit int) ([]*domain.Customer, error) {
	return store.All(ctx, tx, func(row *store.Rows) (*domain.Customer, error) { return scan(row) },
		`SELECT `+columns+` FROM customers WHERE id > $1 ORDER BY id LIMIT $2`, after, limit)
}

// Save implements app.Customers.
func (Customers) Save(tx *store.Tx, customer *domain.Customer) {
	if len(customer.Events()) == 0 {
		return
	}
	state, meta := customer.State(), customer.Meta()
	if customer.StoredVersion() == 0 {
		tx.Queue(`INSERT INTO customers (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			meta.ID, meta.Version, state.Name, state.SmsNumber, state.Enabled, meta.CreatedAt, meta.UpdatedAt)
		return
	}
	tx.QueueOne(store.ErrConflict,
		`UPDATE customers SET version = $3, name = $4, sms_number = $5, enabled = $6, updated_at = $7 WHERE id = $1 AND version = $2`,
		meta.ID, customer.StoredVersion(), meta.Version, state.Name, state.SmsNumber, state.Enabled, meta.UpdatedAt)
}

func scan(row store.Scanner) (*domain.Customer, error) {
	var meta aggregate.Meta
	var state domain.State
	err := row.Scan(&meta.ID, &meta.Version, &state.Name, &state.SmsNumber, &state.Enabled, &meta.CreatedAt, &meta.UpdatedAt)
	if err != nil {
		return nil, err
	}
	return domain.Restore(meta, state), nil
}
