// Package app holds the use cases of stores, one file each.
package app

import (
	"context"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/store"
	"mallbots.example/services/stores/internal/domain"
)

// Stores is the repository of stores.
type Stores interface {
	// Load gives a store, or domain.StoreNotFound.
	Load(ctx context.Context, tx *store.Tx, id string) (*domain.Store, error)
	// Save appends what happened to a store.
	Save(ctx context.Context, tx *store.Tx, shop *domain.Store) error
}

// Products is the repository of products.
type Products interface {
	// Load gives a product, or domain.ProductNotFound.
	Load(ctx context.Context, tx *store.Tx, id string) (*domain.Product, error)
	// Save appends what happened to a product.
	Save(ctx context.Context, tx *store.Tx, product *domain.Product) error
}

// Mall is the read model of stores.
type Mall interface {
	// Get gives a store, or domain.StoreNotFound.
	Get(ctx context.Context, tx *store.Tx, id string) (domain.StoreView, error)
	// List gives up to limit stores, oldest first, after the one with the id after ("" for the first ones).
	List(ctx context.Context, tx *store.Tx, participatingOnly bool, after string, limit int) ([]domain.StoreView, error)
	// Put has the read model show a store as it is now.
	Put(tx *store.Tx, shop domain.StoreView)
}

// Catalog is the read model of products, with their stock.
type Catalog interface {
	// Get gives a product, a removed one too, or domain.ProductNotFound.
	Get(ctx context.Context, tx *store.Tx, id string) (domain.Listing, error)
	// List gives up to limit products of a store that are not removed, oldest first, after the one with the id after.
	List(ctx context.Context, tx *store.Tx, storeID, after string, limit int) ([]domain.Listing, error)
	// HasSKU reports whether a store has, or had, a product with this sku. Of two units of work that add one at the same time, the second
	// meets a conflict.
	HasSKU(ctx context.Context, tx *store.Tx, storeID, sku string) (bool, error)
	// Shelves gives what reservations must know of products, by their ids. Products that do not exist are not in it.
	Shelves(ctx context.Context, tx *store.Tx, productIDs []string) (map[string]domain.Shelf, error)
	// Put has the read model show a product as it is now.
	Put(tx *store.Tx, product domain.ProductView)
}

// Stock is how many pieces there are of each product, a row each.
type Stock interface {
	// Open gives a new product its stock.
	Open(tx *store.Tx, productID string, stock domain.Stock)
	// Lock gives the stock of a product, which nobody else then changes until the unit of work ends.
	Lock(ctx context.Context, tx *store.Tx, productID string) (domain.Stock, error)
	// Set replaces the stock of a product that is locked.
	Set(tx *store.Tx, productID string, stock domain.Stock)
	// Take takes lines from limited stock. It happens at the commit, which fails with domain.OutOfStock when there is too little by then.
	Take(tx *store.Tx, lines []domain.Line)
	// GiveBack undoes Take, at the commit too.
	GiveBack(tx *store.Tx, lines []domain.Line)
}

// Reservations is the repository of reservations.
type Reservations interface {
	// Get gives the reservation of an order; of one not heard of, domain.NewReservation.
	Get(ctx context.Context, tx *store.Tx, orderID string) (*domain.Reservation, error)
	// Save stores what happened to a reservation.
	Save(tx *store.Tx, reservation *domain.Reservation)
}

// Storage is all that stores keeps.
type Storage struct {
	Stores       Stores
	Products     Products
	Mall         Mall
	Catalog      Catalog
	Stock        Stock
	Reservations Reservations
}

// Events tells the other services what happened to a store or a product.
type Events interface {
	PublishStore(ctx context.Context, tx *store.Tx, shop *domain.Store)
	PublishProduct(ctx context.Context, tx *store.Tx, product *domain.Product)
}

// App runs the use cases, each in a unit of work.
type App struct {
	db           *store.DB
	stores       Stores
	products     Products
	mall         Mall
	catalog      Catalog
	stock        Stock
	reservations Reservations
	events       Events
	clock        clock.Clock
	newID        id.Source
}

// New makes the use cases.
func New(db *store.DB, storage Storage, events Events, clock clock.Clock, newID id.Source) *App {
	return &App{
		db: db, stores: storage.Stores, products: storage.Products, mall: storage.Mall, catalog: storage.Catalog,
		stock: storage.Stock, reservations: storage.Reservations, events: events, clock: clock, newID: newID,
	}
}

// changeStore is a use case that changes one store.
func (a *App) changeStore(ctx context.Context, id string, change func(s *domain.Store) error) (view domain.StoreView, err error) {
	err = a.db.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
		shop, err := a.stores.Load(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := change(shop); err != nil {
			return err
		}
		view = shop.View()
		return a.saveStore(ctx, tx, shop)
	})
	return view, err
}

func (a *App) saveStore(ctx context.Context, tx *store.Tx, shop *domain.Store) error {
	if len(shop.Changes()) == 0 {
		return nil
	}
	if err := a.stores.Save(ctx, tx, shop); err != nil {
		return err
	}
	a.mall.Put(tx, shop.View())
	a.events.PublishStore(ctx, tx, shop)
	return nil
}

// changeProduct is a use case that changes one product.
func (a *App) changeProduct(ctx context.Context, id string, change func(p *domain.Product) error) (listing domain.Listing, err error) {
	err = a.db.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
		product, err := a.products.Load(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := change(product); err != nil {
			return err
		}
		listed, err := a.catalog.Get(ctx, tx, id)
		if err != nil {
			return err
		}
		listing = domain.Listing{ProductView: product.View(), Stock: listed.Stock}
		return a.saveProduct(ctx, tx, product)
	})
	return listing, err
}

func (a *App) saveProduct(ctx context.Context, tx *store.Tx, product *domain.Product) error {
	if len(product.Changes()) == 0 {
		return nil
	}
	if err := a.products.Save(ctx, tx, product); err != nil {
		return err
	}
	a.catalog.Put(tx, product.View())
	a.events.PublishProduct(ctx, tx, product)
	return nil
}
