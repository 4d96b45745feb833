// Package app holds the use cases of depot, one file each.
package app

import (
	"context"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/watch"
	"mallbots.example/services/depot/internal/domain"
	"mallbots.example/services/internal/catalog"
)

// ShoppingLists is the repository of shopping lists.
type ShoppingLists interface {
	// Get gives a list, or domain.ListNotFound. A tombstone is no list.
	Get(ctx context.Context, tx *store.Tx, id string) (*domain.ShoppingList, error)
	// OfOrder gives what the order has, if anything: its list or a tombstone.
	OfOrder(ctx context.Context, tx *store.Tx, orderID string) (list *domain.ShoppingList, found bool, err error)
	// List gives up to limit lists that match the filter, oldest first, after the one with the id after ("" for the first ones).
	List(ctx context.Context, tx *store.Tx, filter ListFilter, after string, limit int) ([]*domain.ShoppingList, error)
	// Save stores what happened to a list.
	Save(tx *store.Tx, list *domain.ShoppingList) error
}

// Bots is the repository of bots.
type Bots interface {
	// Get gives a bot, or domain.BotNotFound.
	Get(ctx context.Context, tx *store.Tx, id string) (*domain.Bot, error)
	// Named gives the bot of this name, if there is one.
	Named(ctx context.Context, tx *store.Tx, name string) (bot *domain.Bot, found bool, err error)
	// List gives up to limit bots, oldest first, after the one with the id after ("" for the first ones).
	List(ctx context.Context, tx *store.Tx, after string, limit int) ([]*domain.Bot, error)
	// Save stores what happened to a bot.
	Save(tx *store.Tx, bot *domain.Bot)
}

// Catalog is depot's own copy of the mall's products and stores.
type Catalog interface {
	// Products gives the products with these ids, by id; the fault PRODUCT_NOT_FOUND if there is no such product.
	Products(ctx context.Context, tx *store.Tx, ids []string) (map[string]catalog.Product, error)
	// Stores gives the stores with these ids, by id.
	Stores(ctx context.Context, tx *store.Tx, ids []string) (map[string]catalog.Store, error)
}

// Events tells the other services what happened to a shopping list.
type Events interface {
	Publish(ctx context.Context, tx *store.Tx, list *domain.ShoppingList)
}

// App runs the use cases, each in a unit of work: its own, or (when it takes one) that of the message that asks for it.
type App struct {
	db       *store.DB
	lists    ShoppingLists
	bots     Bots
	catalog  Catalog
	events   Events
	clock    clock.Clock
	newID    id.Source
	watchers watch.Hub
}

// New makes the use cases.
func New(db *store.DB, lists ShoppingLists, bots Bots, catalog Catalog, events Events, clock clock.Clock, newID id.Source) *App {
	return &App{db: db, lists: lists, bots: bots, catalog: catalog, events: events, clock: clock, newID: newID}
}

// change is a use case that changes one list.
func (a *App) change(ctx context.Context, id string, change func(l *domain.ShoppingList) error) (list *domain.ShoppingList, err error) {
	err = a.db.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
		if list, err = a.lists.Get(ctx, tx, id); err != nil {
			return err
		}
		if err := change(list); err != nil {
			return err
		}
		return a.save(ctx, tx, list)
	})
	return list, err
}

// save stores what happened to a list, tells it, frees the bot of a list that has ended, and wakes those who wait for an available one.
func (a *App) save(ctx context.Context, tx *store.Tx, list *domain.ShoppingList) error {
	if len(list.Events()) == 0 {
		return nil
	}
	freed, err := a.freedBot(ctx, tx, list) // read before anything is queued, so that all writes go out together
	if err != nil {
		return err
	}
	if err := a.lists.Save(tx, list); err != nil {
		return err
	}
	if freed != nil {
		a.bots.Save(tx, freed) // after the list, as in every unit of work, so that no two wait for each other
	}
	a.events.Publish(ctx, tx, list)
	if list.State().Status == domain.Available {
		tx.OnCommit(func() { a.watchers.Notify(availableLists) })
	}
	return nil
}

// freedBot is the bot of a list that has ended, idle again; nil if the list goes on or never had one.
func (a *App) freedBot(ctx context.Context, tx *store.Tx, list *domain.ShoppingList) (*domain.Bot, error) {
	state := list.State()
	if state.BotID == "" || state.Status == domain.Assigned {
		return nil, nil
	}
	bot, err := a.bots.Get(ctx, tx, state.BotID)
	if err != nil {
		return nil, err
	}
	bot.Release(list.ID(), a.clock.Now())
	return bot, nil
}
