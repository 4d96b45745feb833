package app_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/money"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
	"mallbots.example/services/internal/people"
	"mallbots.example/services/search/internal/app"
	"mallbots.example/services/search/internal/domain"
	searchstore "mallbots.example/services/search/internal/store"
)

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// strangers are people whom nobody knows.
type strangers struct{}

// Ensure implements app.People.
func (strangers) Ensure(context.Context, *store.Tx, string) error { return nil }

// pausing is a journal of which a test can stop the reader.
type pausing struct {
	searchstore.Journal
	pause *func() // if not nil, called once, when a unit of work that has read is committed
}

// Read implements app.Journal.
func (p pausing) Read(ctx context.Context, tx *store.Tx, after app.Event, limit int) ([]app.Event, error) {
	if pause := *p.pause; pause != nil {
		*p.pause = nil
		tx.OnCommit(pause)
	}
	return p.Journal.Read(ctx, tx, after, limit)
}

// decode reads the events of these tests, which are a status each; that of a broken one can't be read.
func decode(e app.Event) (domain.Order, error) {
	if string(e.Payload) == "broken" {
		return domain.Order{}, errors.New("broken")
	}
	return domain.Order{
		ID: e.OrderID, Version: e.Version, CustomerID: "ada", Total: money.Must("USD", 450), Status: domain.Status(e.Payload),
		Items:     []domain.Item{{ProductID: "tea", StoreID: "pantry", ProductName: "Tea", StoreName: "Pantry", Price: money.Must("USD", 450), Quantity: 1}},
		CreatedAt: monday, UpdatedAt: monday,
	}, nil
}

// world is the use cases on a database.
type world struct {
	*app.App
	t     *testing.T
	clock *clock.Manual
	pause *func()
}

func each(t *testing.T, test func(t *testing.T, w world)) {
	storetest.Each(t, []store.Schema{searchstore.Schema, people.Schema}, func(t *testing.T, db *store.DB) {
		manual, pause := clock.NewManual(monday), new(func())
		test(t, world{t: t, clock: manual, pause: pause, App: app.New(app.Config{
			DB: db, Orders: searchstore.Orders{}, Journal: pausing{pause: pause}, Generations: searchstore.Generations{},
			People: strangers{}, Decode: decode, Clock: manual, Log: slog.New(slog.DiscardHandler),
		})})
	})
}

func event(orderID string, version int64, status domain.Status) app.Event {
	return app.Event{OrderID: orderID, Version: version, Type: "test", Payload: []byte(status)}
}

// tell records events in one unit of work.
func (w world) tell(events ...app.Event) {
	w.t.Helper()
	require.NoError(w.t, w.DB.Do(w.t.Context(), func(ctx context.Context, tx *store.Tx) error {
		for _, e := range events {
			if err := w.RecordOrder(ctx, tx, e); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (w world) shows(orderID string, want domain.Status) {
	w.t.Helper()
	order, err := w.GetOrder(w.t.Context(), orderID)
	require.NoError(w.t, err)
	require.Equal(w.t, want, order.Status)
}

// state gives the generations, and requires that there are no rows but those of the active one.
func (w world) state() (state app.State) {
	w.t.Helper()
	require.NoError(w.t, w.DB.Do(w.t.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
		if state, err = w.Generations.Lock(ctx, tx); err != nil {
			return err
		}
		for _, table := range []string{"orders", "order_items"} {
			var others int
			err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM `+table+` WHERE generation <> $1`, int64(state.Active)).Scan(&others)
			require.NoError(w.t, err)
			require.Zero(w.t, others, "of %s", table)
		}
		return nil
	}))
	return state
}

func TestWhileARebuildRunsTheOldProjectionIsShownAndKeptUpToDate(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.tell(event("old", 1, domain.Pending))
		*w.pause = func() {
			_, err := w.RebuildOrders(t.Context())
			require.ErrorIs(t, err, domain.ErrRebuildRunning)
			w.shows("old", domain.Pending)
			// The journal is read to its end: what comes now reaches the new projection by being written to both.
			w.tell(event("old", 2, domain.Approved), event("new", 1, domain.Pending))
			w.shows("old", domain.Approved)
			w.shows("new", domain.Pending)
		}
		rebuilt, err := w.RebuildOrders(t.Context())
		require.NoError(t, err)
		require.Equal(t, app.Rebuilt{Orders: 1, Events: 1}, rebuilt)
		require.Equal(t, app.State{Active: 2, Last: 2}, w.state())
		w.shows("old", domain.Approved)
		w.shows("new", domain.Pending)
	})
}

func TestARebuildTakesManyUnitsOfWork(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		const orders = 600 // more than are put or removed at once
		var events []app.Event
		for i := range orders {
			events = append(events, event(strconv.Itoa(i), 2, domain.Approved), event(strconv.Itoa(i), 1, domain.Pending))
		}
		w.tell(events...)
		rebuilt, err := w.RebuildOrders(t.Context())
		require.NoError(t, err)
		require.Equal(t, app.Rebuilt{Orders: orders, Events: 2 * orders}, rebuilt)
		require.Equal(t, app.State{Active: 2, Last: 2}, w.state())
		for i := range orders {
			w.shows(strconv.Itoa(i), domain.Approved)
		}
	})
}

func TestARebuildThatFailsLeavesTheOldProjection(t *testing.T) {
	for name, fail := range map[string]func(w world) (context.Context, func()){
		"an event can't be read": func(w world) (context.Context, func()) {
			w.tell(event("order 2", 1, domain.Pending))
			breakIt := `UPDATE order_events SET payload = 'broken' WHERE order_id = 'order 2'`
			mendIt := `UPDATE order_events SET payload = 'pending' WHERE order_id = 'order 2'`
			w.exec(breakIt)
			return w.t.Context(), func() { w.exec(mendIt) }
		},
		"its caller goes away": func(w world) (context.Context, func()) {
			ctx, cancel := context.WithCancel(w.t.Context())
			*w.pause = cancel
			return ctx, func() {}
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w world) {
				w.tell(event("order", 1, domain.Pending))
				ctx, mend := fail(w)
				_, err := w.RebuildOrders(ctx)
				require.Error(t, err)
				_, isFault := fault.As(err)
				require.False(t, isFault, "%v", err)
				require.Equal(t, app.State{Active: 1, Last: 2}, w.state())
				w.shows("order", domain.Pending)

				mend()
				_, err = w.RebuildOrders(t.Context())
				require.NoError(t, err)
				require.Equal(t, app.State{Active: 3, Last: 3}, w.state(), "numbers are not used again")
				w.shows("order", domain.Pending)
			})
		})
	}
}

func (w world) exec(statement string) {
	w.t.Helper()
	require.NoError(w.t, w.DB.Do(w.t.Context(), func(_ context.Context, tx *store.Tx) error {
		tx.Queue(statement)
		return nil
	}))
}

func TestARebuildWhoseProcessDiedIsTakenOver(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.tell(event("order", 1, domain.Pending))
		require.NoError(t, w.DB.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			w.Generations.Set(tx, app.State{Active: 1, Building: 2, Until: w.clock.Now().Add(time.Minute), Last: 2})
			return nil
		}))
		w.tell(event("order", 2, domain.Approved)) // into both, so that there is something to remove
		_, err := w.RebuildOrders(t.Context())
		require.ErrorIs(t, err, domain.ErrRebuildRunning)
		w.clock.Advance(time.Minute)
		_, err = w.RebuildOrders(t.Context())
		require.NoError(t, err)
		require.Equal(t, app.State{Active: 3, Last: 3}, w.state())
		w.shows("order", domain.Approved)
	})
}

func TestARebuildThatWasTakenForDeadGivesWay(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.tell(event("order", 1, domain.Pending))
		*w.pause = func() {
			w.clock.Advance(time.Minute)
			_, err := w.RebuildOrders(t.Context())
			require.NoError(t, err)
		}
		_, err := w.RebuildOrders(t.Context())
		require.ErrorIs(t, err, domain.ErrRebuildRunning)
		require.Equal(t, app.State{Active: 3, Last: 3}, w.state())
		w.shows("order", domain.Pending)
	})
}

func TestWhileItReadsARebuildGivesWayToTheOneThatTookItForDead(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		var events []app.Event
		for i := range 201 { // one more than is read at once
			events = append(events, event(fmt.Sprint(i), 1, domain.Pending))
		}
		w.tell(events...)
		*w.pause = func() {
			w.clock.Advance(time.Minute)
			_, err := w.RebuildOrders(t.Context())
			require.NoError(t, err)
		}
		_, err := w.RebuildOrders(t.Context())
		require.ErrorIs(t, err, domain.ErrRebuildRunning)
		require.Equal(t, app.State{Active: 3, Last: 3}, w.state())
	})
}

// An event that saw no rebuild, and is committed after the rebuild read the journal, would be missing.
func TestARebuildBeginsWhenTheEventsUnderWayAreCommitted(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		rebuilt := make(chan error, 1)
		require.NoError(t, w.DB.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			err := w.RecordOrder(ctx, tx, event("order", 1, domain.Pending))
			go func() {
				_, err := w.RebuildOrders(t.Context())
				rebuilt <- err
			}()
			w.awaitBlocked(rebuilt)
			return err
		}))
		require.NoError(t, <-rebuilt)
		require.Equal(t, app.State{Active: 2, Last: 2}, w.state())
		w.shows("order", domain.Pending)
	})
}

// awaitBlocked waits until somebody waits for a lock of the database.
func (w world) awaitBlocked(done chan error) {
	if w.DB.Lanes() == 1 {
		return // one writer: whoever comes second waits
	}
	for blocked := 0; blocked == 0 && len(done) == 0; runtime.Gosched() {
		require.NoError(w.t, w.DB.Read(w.t.Context(), func(ctx context.Context, tx *store.Tx) error {
			return tx.QueryRow(ctx, `SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).
				Scan(&blocked)
		}))
	}
	require.Empty(w.t, done, "it did not wait")
}

func TestEventsOfOneUnitOfWorkMayRepeatOthersAndEachOther(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.tell(event("order", 2, domain.Approved))
		w.tell(event("order", 2, domain.Approved), event("order", 1, domain.Pending), event("other", 1, domain.Pending),
			event("order", 2, domain.Approved), event("other", 1, domain.Canceled))
		w.shows("order", domain.Approved)
		w.shows("other", domain.Pending)
		rebuilt, err := w.RebuildOrders(t.Context())
		require.NoError(t, err)
		require.Equal(t, app.Rebuilt{Orders: 2, Events: 3}, rebuilt)
		w.shows("order", domain.Approved)
		w.shows("other", domain.Pending)
	})
}

func TestEventsDoNotWaitForEachOther(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		if w.DB.Lanes() == 1 {
			return // one writer
		}
		require.NoError(t, w.DB.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			err := w.RecordOrder(ctx, tx, event("order", 1, domain.Pending))
			w.tell(event("another order", 1, domain.Pending)) // in a unit of work of its own, to its end
			return err
		}))
		w.shows("order", domain.Pending)
		w.shows("another order", domain.Pending)
	})
}
