package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"mallbots.example/pkg/money"
	"mallbots.example/pkg/store"
	"mallbots.example/services/internal/people"
	"mallbots.example/services/search/internal/app"
	"mallbots.example/services/search/internal/domain"
)

// Orders implements app.Orders.
type Orders struct{}

// Put implements app.Orders. Items are those of checkout in all versions, so that only the first one's are written.
func (Orders) Put(tx *store.Tx, generation app.Generation, o domain.Order) error {
	items, err := json.Marshal(o.Items)
	if err != nil {
		return fmt.Errorf("items of order %s: %w", o.ID, err)
	}
	tx.Queue(`
INSERT INTO orders (generation, id, version, customer_id, items, folded_names, currency_code, total_minor_units, status, reject_reason,
    created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (generation, id) DO UPDATE SET version = excluded.version, status = excluded.status, reject_reason = excluded.reject_reason,
    updated_at = excluded.updated_at
 WHERE orders.version < excluded.version`,
		int64(generation), o.ID, o.Version, o.CustomerID, string(items), foldedNames(o.Items), o.Total.Currency(), o.Total.MinorUnits(),
		string(o.Status), o.RejectReason, o.CreatedAt, o.UpdatedAt)
	if len(o.Items) == 0 {
		return nil
	}
	values, args := make([]string, len(o.Items)), []any{int64(generation), o.ID}
	for i, item := range o.Items {
		values[i] = fmt.Sprintf("($1, $2, $%d, $%d)", len(args)+1, len(args)+2)
		args = append(args, item.ProductID, item.StoreID)
	}
	tx.Queue(`INSERT INTO order_items (generation, order_id, product_id, store_id) VALUES `+strings.Join(values, ", ")+
		` ON CONFLICT DO NOTHING`, args...)
	return nil
}

// foldedNames are all names that an order is found by. They can't run into each other: a folded name has no line break.
func foldedNames(items []domain.Item) string {
	var names strings.Builder
	stores := map[string]bool{}
	for _, item := range items {
		if !stores[item.StoreName] {
			stores[item.StoreName] = true
			names.WriteString(people.Fold(item.StoreName) + "\n")
		}
		names.WriteString(people.Fold(item.ProductName) + "\n")
	}
	return names.String()
}

// Drop implements app.Orders. The items go with their orders. In order of the key, so that Postgres goes by the index, in which it skips
// what was removed just before; reading the table it would meet all of that again each time.
func (Orders) Drop(ctx context.Context, tx *store.Tx, below, except app.Generation, limit int) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM orders WHERE (generation, id) IN
		(SELECT generation, id FROM orders WHERE generation < $1 AND generation <> $2
		  ORDER BY generation, id LIMIT $3)`, int64(below), int64(except), limit)
}

// found selects what is shown of orders of the active generation. It is one statement: between two, another generation may become active
// and the rows of this one go.
const found = `
SELECT o.id, o.version, o.customer_id, COALESCE(p.name, ''), o.items, o.currency_code, o.total_minor_units, o.status, o.reject_reason,
       o.created_at, o.updated_at
  FROM orders o LEFT JOIN people p ON p.id = o.customer_id
 WHERE o.generation = (SELECT active FROM projections WHERE name = '` + projection + `')`

// Get implements app.Orders.
func (Orders) Get(ctx context.Context, tx *store.Tx, id string) (domain.Found, error) {
	order, err := scanFound(tx.QueryRow(ctx, found+` AND o.id = $1`, id))
	if errors.Is(err, store.ErrNoRows) {
		return domain.Found{}, domain.NotFound(id)
	}
	return order, err
}

func scanFound(row store.Scanner) (domain.Found, error) {
	var o domain.Found
	var items []byte
	var currency string
	var total int64
	err := row.Scan(&o.ID, &o.Version, &o.CustomerID, &o.CustomerName, &items, &currency, &total, &o.Status, &o.RejectReason,
		&o.CreatedAt, &o.UpdatedAt)
	if err != nil {
		return domain.Found{}, err
	}
	if o.Total, err = money.New(currency, total); err != nil {
		return domain.Found{}, fmt.Errorf("total of order %s: %v", o.ID, err) //nolint:errorlint // a broken row is no fault of the caller
	}
	if err := json.Unmarshal(items, &o.Items); err != nil {
		return domain.Found{}, fmt.Errorf("items of order %s: %w", o.ID, err)
	}
	return o, nil
}
