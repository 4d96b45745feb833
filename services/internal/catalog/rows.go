package catalog

import (
	"fmt"

	"mallbots.example/pkg/money"
	"mallbots.example/pkg/store"
)

func scanProduct(row *store.Rows) (p Product, err error) {
	var currency string
	var minorUnits int64
	if err := row.Scan(&p.ID, &p.Version, &p.StoreID, &p.Name, &currency, &minorUnits, &p.Removed); err != nil {
		return p, err
	}
	if p.Price, err = money.New(currency, minorUnits); err != nil {
		return p, fmt.Errorf("price of product %s: %v", p.ID, err) //nolint:errorlint // a broken row is no fault of the caller
	}
	return p, nil
}

func scanStore(row *store.Rows) (s Store, err error) {
	return s, row.Scan(&s.ID, &s.Version, &s.Name, &s.Location, &s.Participating)
}

// keepProduct stores a product unless this version of it, or a newer one, is here already.
func keepProduct(tx *store.Tx, p Product) {
	tx.Queue(`
INSERT INTO catalog_products (id, version, store_id, name, currency_code, minor_units, removed) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO UPDATE SET version = excluded.version, store_id = excluded.store_id, name = excluded.name,
    currency_code = excluded.currency_code, minor_units = excluded.minor_units, removed = excluded.removed
 WHERE catalog_products.version < excluded.version`,
		p.ID, p.Version, p.StoreID, p.Name, p.Price.Currency(), p.Price.MinorUnits(), p.Removed)
}

// keepStore stores a store unless this version of it, or a newer one, is here already.
func keepStore(tx *store.Tx, s Store) {
	tx.Queue(`
INSERT INTO catalog_stores (id, version, name, location, participating) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO UPDATE SET version = excluded.version, name = excluded.name, location = excluded.location,
    participating = excluded.participating
 WHERE catalog_stores.version < excluded.version`,
		s.ID, s.Version, s.Name, s.Location, s.Participating)
}
