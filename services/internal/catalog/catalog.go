// Package catalog is a service's own copy of the mall's stores and products. The events of stores keep it up to date; what they have
// not brought yet is asked of stores. It is a moment behind at most: what must hold for certain is checked by stores, when an order
// reserves its stock.
package catalog

import (
	"context"
	"embed"
	"slices"
	"strconv"
	"strings"

	storesv1 "mallbots.example/api/mallbots/stores/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/money"
	"mallbots.example/pkg/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema holds the tables of the copy.
var Schema = store.NewSchema("catalog", migrations)

// Store is what a service needs to know of a shop of the mall.
type Store struct {
	ID, Name, Location string
	Participating      bool
	Version            int64
}

// Product is what a service needs to know of a thing that a store sells.
type Product struct {
	ID, StoreID, Name string
	Price             money.Money
	Removed           bool
	Version           int64
}

// Catalog reads the copy, and keeps it.
type Catalog struct {
	stores storesv1.StoresServiceClient
}

// New makes a catalog that asks stores for what it does not have.
func New(stores storesv1.StoresServiceClient) *Catalog { return &Catalog{stores: stores} }

// Products gives the products with these ids, by id. Those that are not here are asked of stores, since their event may be on its way,
// and kept if tx can write. One that stores does not know either is a fault, PRODUCT_NOT_FOUND. Ids may repeat.
func (c *Catalog) Products(ctx context.Context, tx *store.Tx, ids []string) (map[string]Product, error) {
	return products.get(ctx, tx, ids, c.askProduct)
}

// Stores gives the stores with these ids, as Products does; an unknown one is a fault, STORE_NOT_FOUND.
func (c *Catalog) Stores(ctx context.Context, tx *store.Tx, ids []string) (map[string]Store, error) {
	return stores.get(ctx, tx, ids, c.askStore)
}

// RefreshStore asks stores how a store is now, for a caller who is about to refuse something because of this copy, and keeps the answer.
func (c *Catalog) RefreshStore(ctx context.Context, tx *store.Tx, id string) (Store, error) {
	fresh, err := stores.ask(ctx, tx, []string{id}, c.askStore)
	if err != nil {
		return Store{}, err
	}
	return fresh[0], nil
}

func productNotFound(id string) error {
	return fault.Missing("PRODUCT_NOT_FOUND", "there is no product %s", id)
}

func storeNotFound(id string) error {
	return fault.Missing("STORE_NOT_FOUND", "there is no store %s", id)
}

// table is one of the two: how its rows are read, found by id, and kept.
type table[T any] struct {
	query string // completed by the list of ids
	scan  func(row *store.Rows) (T, error)
	id    func(T) string
	keep  func(tx *store.Tx, one T)
}

var products = table[Product]{
	query: `SELECT id, version, store_id, name, currency_code, minor_units, removed FROM catalog_products WHERE id IN `,
	scan:  scanProduct,
	id:    func(p Product) string { return p.ID },
	keep:  keepProduct,
}

var stores = table[Store]{
	query: `SELECT id, version, name, location, participating FROM catalog_stores WHERE id IN `,
	scan:  scanStore,
	id:    func(s Store) string { return s.ID },
	keep:  keepStore,
}

// get is one query for all ids, and none when there are none; what it does not find is asked for.
func (t table[T]) get(ctx context.Context, tx *store.Tx, ids []string, ask func(context.Context, string) (T, error)) (map[string]T, error) {
	found := make(map[string]T, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	wanted := slices.Compact(slices.Sorted(slices.Values(ids)))
	list, args := in(wanted)
	here, err := store.All(ctx, tx, t.scan, t.query+list, args...)
	if err != nil {
		return nil, err
	}
	for _, one := range here {
		found[t.id(one)] = one
	}
	missing := slices.DeleteFunc(wanted, func(id string) bool {
		_, ok := found[id]
		return ok
	})
	fetched, err := t.ask(ctx, tx, missing, ask)
	if err != nil {
		return nil, err
	}
	for _, one := range fetched {
		found[t.id(one)] = one
	}
	return found, nil
}

// ask asks for each of ids and keeps the answers, in the order of ids, so that two units of work that keep the same rows do not wait
// for each other.
func (t table[T]) ask(ctx context.Context, tx *store.Tx, ids []string, ask func(context.Context, string) (T, error)) ([]T, error) {
	answers, err := askAll(ctx, ids, ask)
	if err != nil {
		return nil, err
	}
	if tx.Writable() {
		for _, one := range answers {
			t.keep(tx, one)
		}
	}
	return answers, nil
}

// in is the list of ids for a query, and its parameters.
func in(ids []string) (list string, args []any) {
	var b strings.Builder
	for i, id := range ids {
		b.WriteString(",$" + strconv.Itoa(i+1))
		args = append(args, id)
	}
	return "(" + b.String()[1:] + ")", args
}
