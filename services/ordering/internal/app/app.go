// Package app holds the use cases of ordering, one file each.
package app

import (
	"context"
	"errors"
	"fmt"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/es"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/watch"
	"mallbots.example/services/ordering/internal/domain"
)

// Orders is the repository of orders.
type Orders interface {
	// Get gives an order to change it, or es.ErrNotFound, which is the fault ORDER_NOT_FOUND.
	Get(ctx context.Context, tx *store.Tx, id string) (*domain.Order, error)
	// Save stores what happened to an order.
	Save(ctx context.Context, tx *store.Tx, order *domain.Order) error
	// Newer gives an order to read it, if it exists in a version above this one.
	Newer(ctx context.Context, tx *store.Tx, id string, version int64) (view domain.View, found bool, err error)
	// List gives up to limit orders of a customer, newest first, after the one with the id after ("" for the first ones).
	List(ctx context.Context, tx *store.Tx, customerID, after string, limit int) ([]domain.View, error)
}

// Events tells the other services what happened to an order.
type Events interface {
	Publish(ctx context.Context, tx *store.Tx, order *domain.Order)
}

// App runs the use cases, each in a unit of work: its own, or (when it takes one) that of the message that asks for it.
type App struct {
	db       *store.DB
	orders   Orders
	events   Events
	clock    clock.Clock
	watchers watch.Hub
}

// New makes the use cases.
func New(db *store.DB, orders Orders, events Events, clock clock.Clock) *App {
	return &App{db: db, orders: orders, events: events, clock: clock}
}

// change is a use case that changes one order.
func (a *App) change(ctx context.Context, tx *store.Tx, id string, change func(o *domain.Order) error) (*domain.Order, error) {
	order, err := a.orders.Get(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if err := change(order); err != nil {
		return nil, err
	}
	return order, a.save(ctx, tx, order)
}

// told is change for a message about an order. Only an order makes others send such messages: one that isn't here yet was overtaken, and
// the message waits for it. That is no refusal, which would be the final answer to a command.
func (a *App) told(ctx context.Context, tx *store.Tx, id string, change func(o *domain.Order) error) error {
	_, err := a.change(ctx, tx, id, change)
	if errors.Is(err, es.ErrNotFound) {
		return fmt.Errorf("order %s is not here yet", id)
	}
	return err
}

func (a *App) save(ctx context.Context, tx *store.Tx, order *domain.Order) error {
	if len(order.Happened()) == 0 {
		return nil
	}
	if err := a.orders.Save(ctx, tx, order); err != nil {
		return err
	}
	a.events.Publish(ctx, tx, order)
	tx.OnCommit(func() { a.watchers.Notify(order.ID()) })
	return nil
}
