// Package store keeps orders: as events, and as a row each for reading.
package store

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"

	"mallbots.example/pkg/es"
	"mallbots.example/pkg/money"
	"mallbots.example/pkg/store"
	"mallbots.example/services/ordering/internal/domain"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema holds the row of each order; its events are in es.Schema.
var Schema = store.NewSchema("ordering", migrations)

// Orders implements app.Orders.
type Orders struct{ events *es.Repository[*domain.Order] }

// NewOrders keeps orders. By default snapshots are written as rarely as package es does: the life of an order is ten events at most, and
// cheap to replay.
func NewOrders(options ...es.Option) Orders {
	return Orders{events: es.NewRepository("order", func() *domain.Order { return &domain.Order{} }, domain.Codec(), options...)}
}

const columns = `id, version, customer_id, payment_id, items, currency_code, total_minor_units, shopping_list_id, invoice_id, status,
	reject_reason, created_at, updated_at`

// Get implements app.Orders.
func (o Orders) Get(ctx context.Context, tx *store.Tx, id string) (*domain.Order, error) {
	return o.events.Load(ctx, tx, id)
}

// Save implements app.Orders.
func (o Orders) Save(ctx context.Context, tx *store.Tx, order *domain.Order) error {
	changes := order.Changes()
	if len(changes) == 0 {
		return nil
	}
	if err := o.events.Save(ctx, tx, order); err != nil {
		return err
	}
	v := order.View()
	if changes[0].Version > 1 {
		// The version of the events is the lock. That of the row keeps an older state from ever replacing a newer one.
		tx.QueueOne(store.ErrConflict, `UPDATE orders SET version = $2, shopping_list_id = $3, invoice_id = $4, status = $5, reject_reason = $6,
			updated_at = $7 WHERE id = $1 AND version <= $2`,
			v.ID, v.Version, v.ShoppingListID, v.InvoiceID, v.Status, v.RejectReason, v.UpdatedAt)
		return nil
	}
	items, err := json.Marshal(v.Items)
	if err != nil {
		return fmt.Errorf("save order %s: items: %w", v.ID, err)
	}
	tx.Queue(`INSERT INTO orders (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		v.ID, v.Version, v.CustomerID, v.PaymentID, string(items), v.Total.Currency(), v.Total.MinorUnits(), v.ShoppingListID, v.InvoiceID,
		v.Status, v.RejectReason, v.CreatedAt, v.UpdatedAt)
	return nil
}

// Newer implements app.Orders.
func (Orders) Newer(ctx context.Context, tx *store.Tx, id string, version int64) (view domain.View, found bool, err error) {
	view, err = scan(tx.QueryRow(ctx, `SELECT `+columns+` FROM orders WHERE id = $1 AND version > $2`, id, version))
	if errors.Is(err, store.ErrNoRows) {
		return domain.View{}, false, nil
	}
	return view, err == nil, err
}

// List implements app.Orders. An order's id says when its basket was started, so newest first is by the time of checkout.
func (Orders) List(ctx context.Context, tx *store.Tx, customerID, after string, limit int) ([]domain.View, error) {
	const first, next, order = `SELECT ` + columns + ` FROM orders WHERE customer_id = $1`,
		` AND (created_at, id) < (SELECT created_at, id FROM orders WHERE id = $3)`,
		` ORDER BY created_at DESC, id DESC LIMIT $2`
	query, args := first+order, []any{customerID, limit}
	if after != "" {
		query, args = first+next+order, append(args, after)
	}
	return store.All(ctx, tx, func(row *store.Rows) (domain.View, error) { return scan(row) }, query, args...)
}

func scan(row store.Scanner) (domain.View, error) {
	var v domain.View
	var items []byte
	var currency string
	var total int64
	err := row.Scan(&v.ID, &v.Version, &v.CustomerID, &v.PaymentID, &items, &currency, &total, &v.ShoppingListID, &v.InvoiceID, &v.Status,
		&v.RejectReason, &v.CreatedAt, &v.UpdatedAt)
	if err != nil {
		return domain.View{}, err
	}
	if v.Total, err = money.New(currency, total); err != nil {
		return domain.View{}, fmt.Errorf("order %s: total: %v", v.ID, err) //nolint:errorlint // broken storage is not the caller's mistake
	}
	if err := json.Unmarshal(items, &v.Items); err != nil {
		return domain.View{}, fmt.Errorf("order %s: items: %w", v.ID, err)
	}
	return v, nil
}
