package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mallbots.example/pkg/store"
	"mallbots.example/services/search/internal/domain"
)

const (
	// eventsAtOnce of the journal are put into the projection in one unit of work: few enough that those who write the same orders
	// meanwhile wait for some ten milliseconds only.
	eventsAtOnce = 200
	// ordersAtOnce of a generation that is not shown any more are removed in one unit of work.
	ordersAtOnce = 500
	// sign is how long a builder may go without a sign of life, which it gives with each unit of work. Then it counts as dead.
	sign = time.Minute
	// tidyTimeout bounds what is done for a rebuild that failed: its caller may be gone.
	tidyTimeout = 5 * time.Second
)

// Rebuilt says what a rebuild did.
type Rebuilt struct {
	Orders, Events int64
}

// RebuildOrders builds the projection again from the journal: a new generation of its rows is filled beside the one that is shown, and shown
// instead once it is complete. Whoever searches meanwhile finds the old one. An event that comes meanwhile is put into both, so that it does
// not matter whether the journal was read before or after it. One rebuild runs at a time, on whichever replica.
func (a *App) RebuildOrders(ctx context.Context) (Rebuilt, error) {
	ctx = a.DB.Apart(ctx) // with a request_id there is a unit of work around it, in which everybody who records orders would wait for all of it
	state, err := a.begin(ctx)
	if err != nil {
		return Rebuilt{}, err
	}
	rebuilt, err := a.build(ctx, state)
	if err != nil {
		return Rebuilt{}, errors.Join(err, a.abandon(ctx, state))
	}
	// The new generation is shown. Of the old one, what can't be removed now the next rebuild removes.
	if err := a.drop(ctx, state.Building, state.Building); err != nil {
		a.Log.WarnContext(ctx, "rows of the old projection are left over", "error", err)
	}
	return rebuilt, nil
}

// begin takes the next generation for this rebuild.
func (a *App) begin(ctx context.Context) (state State, err error) {
	err = a.DB.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
		if state, err = a.Generations.Lock(ctx, tx); err != nil {
			return err
		}
		now := a.Clock.Now()
		if state.Building != 0 && now.Before(state.Until) {
			return domain.ErrRebuildRunning
		}
		state.Last++
		state.Building, state.Until = state.Last, now.Add(sign)
		a.Generations.Set(tx, state)
		return nil
	})
	return state, err
}

// build fills the generation and shows it.
func (a *App) build(ctx context.Context, state State) (Rebuilt, error) {
	// What rebuilds that died have left.
	if err := a.drop(ctx, state.Building, state.Active); err != nil {
		return Rebuilt{}, err
	}
	var rebuilt Rebuilt
	var last Event
	for more := true; more; {
		events, err := a.fill(ctx, state.Building, last)
		if err != nil {
			return Rebuilt{}, err
		}
		for _, event := range events {
			rebuilt.Events++
			if event.OrderID != last.OrderID {
				rebuilt.Orders++
			}
			last = event
		}
		more = len(events) == eventsAtOnce
	}
	return rebuilt, a.show(ctx, state.Building)
}

// fill puts the next events of the journal into a generation, and gives them.
func (a *App) fill(ctx context.Context, building Generation, after Event) (events []Event, err error) {
	err = a.DB.Do(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		a.Generations.Extend(tx, building, a.Clock.Now().Add(sign))
		if events, err = a.Journal.Read(ctx, tx, after, eventsAtOnce); err != nil {
			return err
		}
		return a.putAll(tx, building, events)
	})
	return events, err
}

// show makes a generation that is complete the active one.
func (a *App) show(ctx context.Context, building Generation) error {
	return a.DB.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
		now, err := a.Generations.Lock(ctx, tx)
		if err != nil {
			return err
		}
		if now.Building != building {
			return domain.ErrRebuildRunning // another, which took this one for dead
		}
		now.Active, now.Building, now.Until = building, 0, time.Time{}
		a.Generations.Set(tx, now)
		return nil
	})
}

// putAll puts the orders of some events, which are sorted, into a generation: of each order the last one, which is the newest.
func (a *App) putAll(tx *store.Tx, generation Generation, events []Event) error {
	for i, event := range events {
		if i+1 < len(events) && events[i+1].OrderID == event.OrderID {
			continue
		}
		order, err := a.Decode(event)
		if err != nil {
			return fmt.Errorf("journal: order %s, version %d: %w", event.OrderID, event.Version, err)
		}
		if err := a.Orders.Put(tx, generation, order); err != nil {
			return err
		}
	}
	return nil
}

// abandon gives up a generation that was not completed.
func (a *App) abandon(ctx context.Context, state State) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyTimeout)
	defer cancel()
	err := a.DB.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
		now, err := a.Generations.Lock(ctx, tx)
		if err != nil || now.Building != state.Building {
			return err
		}
		now.Building, now.Until = 0, time.Time{}
		a.Generations.Set(tx, now)
		return nil
	})
	if err != nil {
		return err
	}
	return a.drop(ctx, state.Building+1, state.Active)
}

// drop removes the generations below one, except another. Numbers only grow, so it can't meet one that is shown or built later.
func (a *App) drop(ctx context.Context, below, except Generation) error {
	for dropped := int64(ordersAtOnce); dropped == ordersAtOnce; {
		err := a.DB.Do(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
			dropped, err = a.Orders.Drop(ctx, tx, below, except, ordersAtOnce)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
