package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"mallbots.example/pkg/money"
	"mallbots.example/pkg/store"
	"mallbots.example/services/stores/internal/domain"
)

// catalog implements app.Catalog.
type catalog struct{}

const (
	productColumns = `id, version, store_id, name, description, sku, currency_code, minor_units, removed, created_at, updated_at`
	selectListing  = `SELECT ` + productColumns + `, available FROM products JOIN stock ON product_id = id`
)

// Get implements app.Catalog.
func (catalog) Get(ctx context.Context, tx *store.Tx, id string) (domain.Listing, error) {
	listing, err := scanListing(tx.QueryRow(ctx, selectListing+` WHERE id = $1`, id))
	if errors.Is(err, store.ErrNoRows) {
		return domain.Listing{}, domain.ProductNotFound(id)
	}
	return listing, err
}

// List implements app.Catalog. Ids are UUIDv7: their order is that of creation.
func (catalog) List(ctx context.Context, tx *store.Tx, storeID, after string, limit int) ([]domain.Listing, error) {
	return store.All(ctx, tx, func(row *store.Rows) (domain.Listing, error) { return scanListing(row) },
		selectListing+` WHERE store_id = $1 AND id > $2 AND NOT removed ORDER BY id LIMIT $3`, storeID, after, limit)
}

// HasSKU implements app.Catalog. The unique index finds what was added at the same time.
func (catalog) HasSKU(ctx context.Context, tx *store.Tx, storeID, sku string) (taken bool, err error) {
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM products WHERE store_id = $1 AND sku = $2 AND sku <> '')`, storeID, sku).Scan(&taken)
	return taken, err
}

// Shelves implements app.Catalog.
func (catalog) Shelves(ctx context.Context, tx *store.Tx, productIDs []string) (map[string]domain.Shelf, error) {
	places, args := make([]string, len(productIDs)), make([]any, len(productIDs))
	for i, id := range productIDs {
		places[i], args[i] = fmt.Sprintf("$%d", i+1), id
	}
	shelves := make(map[string]domain.Shelf, len(productIDs))
	_, err := store.All(ctx, tx, func(row *store.Rows) (none struct{}, err error) {
		var id string
		var available sql.Null[int64]
		shelf := domain.Shelf{Exists: true}
		if err := row.Scan(&id, &shelf.Removed, &shelf.Participating, &available); err != nil {
			return none, err
		}
		shelf.Stock, err = restoreStock(id, available)
		shelves[id] = shelf
		return none, err
	}, `
SELECT p.id, p.removed, s.participating, stock.available
  FROM products p JOIN stores s ON s.id = p.store_id JOIN stock ON stock.product_id = p.id
 WHERE p.id IN (`+strings.Join(places, ", ")+`)`, args...)
	return shelves, err
}

// Put implements app.Catalog. The events, which are appended in the same unit of work, see to it that versions don't cross.
func (catalog) Put(tx *store.Tx, p domain.ProductView) {
	tx.Queue(`
INSERT INTO products (`+productColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (id) DO UPDATE SET version = excluded.version, name = excluded.name, description = excluded.description,
    currency_code = excluded.currency_code, minor_units = excluded.minor_units, removed = excluded.removed, updated_at = excluded.updated_at`,
		p.ID, p.Version, p.StoreID, p.Name, p.Description, p.SKU, p.Price.Currency(), p.Price.MinorUnits(), p.Removed, p.CreatedAt, p.UpdatedAt)
}

func scanListing(row store.Scanner) (l domain.Listing, err error) {
	var currency string
	var minorUnits int64
	var available sql.Null[int64]
	if err := row.Scan(&l.ID, &l.Version, &l.StoreID, &l.Name, &l.Description, &l.SKU, &currency, &minorUnits, &l.Removed,
		&l.CreatedAt, &l.UpdatedAt, &available); err != nil {
		return l, err
	}
	if l.Price, err = money.New(currency, minorUnits); err != nil {
		return l, fmt.Errorf("price of product %s: %v", l.ID, err) //nolint:errorlint // a broken row is no fault of the caller
	}
	l.Stock, err = restoreStock(l.ID, available)
	return l, err
}
