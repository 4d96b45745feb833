// Package app holds the use cases of customers, one file each.
package app

import (
	"context"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/store"
	"mallbots.example/services/customers/internal/domain"
)

// Customers is the repository of customers.
type Customers interface {
	// Get gives a customer, or domain.NotFound.
	Get(ctx context.Context, tx *store.Tx, id string) (*domain.Customer, error)
	// List gives up to limit customers, oldest first, after the one with the id after ("" for the first ones).
	List(ctx context.Context, tx *store.Tx, after string, limit int) ([]*domain.Customer, error)
	// Save stores what happened to a customer.
	Save(tx *store.Tx, customer *domain.Customer)
}

// Events tells the other services what happened to a customer.
type Events interface {
	Publish(ctx context.Context, tx *store.Tx, customer *domain.Customer)
}

// App runs the use cases, each in a unit of work.
type App struct {
	db        *store.DB
	customers Customers
	events    Events
	clock     clock.Clock
	newID     id.Source
}

// New makes the use cases.
func New(db *store.DB, customers Customers, events Events, clock clock.Clock, newID id.Source) *App {
	return &App{db: db, customers: customers, events: events, clock: clock, newID: newID}
}

// change is a use case that changes one customer.
func (a *App) change(ctx context.Context, id string, change func(c *domain.Customer) error) (customer *domain.Customer, err error) {
	err = a.db.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
		if customer, err = a.customers.Get(ctx, tx, id); err != nil {
			return err
		}
		if err := change(customer); err != nil {
			return err
		}
		a.save(ctx, tx, customer)
		return nil
	})
	return customer, err
}

func (a *App) save(ctx context.Context, tx *store.Tx, customer *domain.Customer) {
	a.customers.Save(tx, customer)
	a.events.Publish(ctx, tx, customer)
}
