// Package app holds the use cases of search, one file each.
package app

import (
	"context"
	"log/slog"
	"time"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/store"
	"mallbots.example/services/search/internal/domain"
)

// Event is an event about an order as the journal keeps it.
type Event struct {
	OrderID string
	Version int64
	Type    string // of Payload
	Payload []byte // the whole event: a later release may show more of it
}

// Journal keeps every event about orders: what the projection is built from.
type Journal interface {
	// Append keeps an event and gives the generations, which stay as they are until the unit of work ends. If it knows that the event is here
	// already, it gives none: there is nothing to do.
	Append(ctx context.Context, tx *store.Tx, event Event, now time.Time) ([]Generation, error)
	// Read gives up to limit events by order and version, after the one given (the zero Event for the first ones).
	Read(ctx context.Context, tx *store.Tx, after Event, limit int) ([]Event, error)
}

// Generation numbers a complete set of rows of the projection.
type Generation int64

// State says which generations there are.
type State struct {
	// Active is the one that is shown.
	Active Generation
	// Building is the one that a rebuild fills; 0: none. Until is when its builder, if it lives, will have shown itself again.
	Building Generation
	Until    time.Time
	// Last is the highest one that there ever was.
	Last Generation
}

// Written gives the generations that an order is to be put into.
func (s State) Written() []Generation {
	if s.Building == 0 {
		return []Generation{s.Active}
	}
	return []Generation{s.Active, s.Building}
}

// Generations is the repository of the one State.
type Generations interface {
	// Lock gives the state and keeps it, for Set: it waits for units of work that have appended to the journal, and makes others wait.
	Lock(ctx context.Context, tx *store.Tx) (State, error)
	// Set writes the state.
	Set(tx *store.Tx, state State)
	// Extend says that the builder of a generation lives. If that is not the one being built any more, the unit of work fails with
	// domain.ErrRebuildRunning.
	Extend(tx *store.Tx, building Generation, until time.Time)
}

// Orders is the projection.
type Orders interface {
	// Get gives an order of the active generation, or domain.NotFound.
	Get(ctx context.Context, tx *store.Tx, id string) (domain.Found, error)
	// Search gives up to limit orders of the active generation that match the filter, newest first, after the place given (the zero Place
	// for the first ones).
	Search(ctx context.Context, tx *store.Tx, filter domain.Filter, after domain.Place, limit int) ([]domain.Found, error)
	// Put puts an order into a generation, unless this version of it, or a newer one, is there already.
	Put(tx *store.Tx, generation Generation, order domain.Order) error
	// Drop removes up to limit orders of generations below one, except those of another, and gives how many.
	Drop(ctx context.Context, tx *store.Tx, below, except Generation, limit int) (int64, error)
}

// People is search's own copy of the mall's customers.
type People interface {
	// Ensure completes the copy with the customer of this id, if there is one.
	Ensure(ctx context.Context, tx *store.Tx, id string) error
}

// Config is what the use cases need: all of it.
type Config struct {
	DB          *store.DB
	Orders      Orders
	Journal     Journal
	Generations Generations
	People      People
	// Decode gives the order in an event.
	Decode func(event Event) (domain.Order, error)
	Clock  clock.Clock
	Log    *slog.Logger
}

// App runs the use cases, each in a unit of work: its own, or (when it takes one) that of the message that asks for it.
type App struct{ Config }

// New makes the use cases.
func New(config Config) *App { return &App{Config: config} }
