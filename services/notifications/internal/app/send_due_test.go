package app_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
	"mallbots.example/services/internal/people"
	"mallbots.example/services/notifications/internal/app"
	"mallbots.example/services/notifications/internal/domain"
	notificationstore "mallbots.example/services/notifications/internal/store"
)

const number = "+4915112345678"

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// carrier records what it is given.
type carrier struct {
	mu    sync.Mutex
	taken []app.Sms
	send  func(ctx context.Context, sms app.Sms) error // nil: takes everything
}

// Send implements app.Sender.
func (c *carrier) Send(ctx context.Context, sms app.Sms) error {
	c.mu.Lock()
	c.taken = append(c.taken, sms)
	c.mu.Unlock()
	if c.send == nil {
		return nil
	}
	return c.send(ctx, sms)
}

// everyone knows each customer but strangers.
type everyone struct{}

// Find implements app.People.
func (everyone) Find(_ context.Context, _ *store.Tx, id string) (people.Person, bool, error) {
	if id == "stranger" {
		return people.Person{}, false, nil
	}
	return people.Person{ID: id, SmsNumber: number}, true, nil
}

// world is the use cases on a database, with a carrier.
type world struct {
	*app.App
	t       *testing.T
	carrier *carrier
	clock   *clock.Manual
}

func each(t *testing.T, test func(t *testing.T, w world)) {
	storetest.Each(t, []store.Schema{notificationstore.Schema, people.Schema}, func(t *testing.T, db *store.DB) {
		test(t, newWorld(t, db, notificationstore.Notifications{}, &carrier{}))
	})
}

func newWorld(t *testing.T, db *store.DB, repository app.Notifications, c *carrier) world {
	manual := clock.NewManual(monday)
	return world{t: t, carrier: c, clock: manual, App: app.New(app.Config{
		DB: db, Notifications: repository, People: everyone{}, Sender: c, Clock: manual, IDs: id.UUIDv7,
		Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(),
	})}
}

func (w world) notify(kind domain.Kind, orderID, customerID string) {
	w.t.Helper()
	require.NoError(w.t, w.DB.Do(w.t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return w.NotifyCustomer(ctx, tx, kind, domain.Order{ID: orderID, CustomerID: customerID})
	}))
}

// sendDue sends what is due and requires how many that were.
func (w world) sendDue(want int) {
	w.t.Helper()
	taken, err := w.SendDue(w.t.Context())
	require.NoError(w.t, err)
	require.Equal(w.t, want, taken)
}

func (w world) only() domain.State {
	w.t.Helper()
	all, err := w.ListNotifications(w.t.Context(), app.Filter{}, "", 10)
	require.NoError(w.t, err)
	require.Len(w.t, all, 1)
	return all[0].State()
}

func TestWhatIsQueuedIsSentOnce(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.notify(domain.OrderReady, "order", "ada")
		w.notify(domain.OrderReady, "order", "ada")
		w.sendDue(1)
		w.sendDue(0)
		state := w.only()
		require.Equal(t, domain.Sent, state.Status)
		require.EqualValues(t, 1, state.Attempts)
		require.Equal(t, monday, state.SentAt)
		require.Len(t, w.carrier.taken, 1)
		require.Equal(t, number, w.carrier.taken[0].To)
		require.Equal(t, state.Text, w.carrier.taken[0].Text)
	})
}

func TestAStrangerIsNotSentAnything(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.notify(domain.OrderReceived, "order", "stranger")
		w.sendDue(0)
		state := w.only()
		require.Equal(t, domain.Failed, state.Status)
		require.Empty(t, state.SmsNumber)
		require.Empty(t, w.carrier.taken)
	})
}

func TestWhatACarrierDoesNotTakeIsTriedAgainUntilItIsGivenUp(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.carrier.send = func(context.Context, app.Sms) error { return errors.New("busy \x00\xff") }
		w.notify(domain.OrderReady, "order", "ada")
		for attempt := int32(1); attempt < domain.MaxAttempts; attempt++ {
			w.sendDue(1)
			require.Equal(t, domain.Queued, w.only().Status)
			require.Equal(t, "busy ", w.only().Failure)
			w.sendDue(0) // not before the pause is over
			w.clock.Advance(domain.Pause(attempt))
		}
		w.sendDue(1)
		require.Equal(t, domain.Failed, w.only().Status)
		w.clock.Advance(24 * time.Hour)
		w.sendDue(0)
		require.Len(t, w.carrier.taken, domain.MaxAttempts)
		for _, sms := range w.carrier.taken {
			require.Equal(t, w.carrier.taken[0].ID, sms.ID, "a carrier can tell that it is the same")
		}
	})
}

func TestWhatACarrierWillNeverTakeIsGivenUpAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.carrier.send = func(context.Context, app.Sms) error { return fmt.Errorf("no such number: %w", app.ErrUndeliverable) }
		w.notify(domain.OrderReady, "order", "ada")
		w.sendDue(1)
		require.Equal(t, domain.Failed, w.only().Status)
		require.EqualValues(t, 1, w.only().Attempts)
	})
}

func TestOneMessageThatFailsIsNoneOfTheOthersConcern(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.notify(domain.OrderReceived, "good", "ada")
		w.notify(domain.OrderReceived, "bad", "ada")
		w.notify(domain.OrderReady, "good", "ada")
		bad, err := w.ListNotifications(t.Context(), app.Filter{OrderID: "bad"}, "", 1)
		require.NoError(t, err)
		w.carrier.send = func(_ context.Context, sms app.Sms) error {
			if sms.ID == bad[0].ID() {
				panic("of the carrier's client")
			}
			return nil
		}
		w.sendDue(3)
		all, err := w.ListNotifications(t.Context(), app.Filter{}, "", 10)
		require.NoError(t, err)
		for _, n := range all {
			want := domain.Sent
			if n.State().OrderID == "bad" {
				want = domain.Queued
			}
			require.Equal(t, want, n.State().Status, n.State().OrderID)
		}
	})
}

func TestWhatAProcessDiedWithIsSentByAnother(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.notify(domain.OrderReady, "order", "ada")
		require.NoError(t, w.DB.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			due, err := w.Notifications.TakeDue(ctx, tx, w.clock.Now(), 1)
			require.True(t, due[0].Try(w.clock.Now()))
			w.Notifications.Save(tx, due[0])
			return err
		}))
		w.sendDue(0) // somebody has it in hand
		w.clock.Advance(domain.InHand)
		w.sendDue(1)
		require.Equal(t, domain.Sent, w.only().Status)
		require.EqualValues(t, 2, w.only().Attempts)
	})
}

func TestARetryGoesToTheNumberThatTheCustomerHasByThen(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.notify(domain.OrderReady, "order", "ada")
		w.carrier.send = func(context.Context, app.Sms) error { return errors.New("busy") }
		w.sendDue(1)
		require.NoError(t, w.DB.Do(t.Context(), func(_ context.Context, tx *store.Tx) error {
			tx.Queue(`INSERT INTO people (id, version, name, folded_name, sms_number) VALUES ('ada', 2, 'Ada', 'ada', '+12025550123')`)
			return nil
		}))
		w.carrier.send = nil
		w.clock.Advance(domain.Pause(1))
		w.sendDue(1)
		require.Equal(t, "+12025550123", w.carrier.taken[1].To)
		require.Equal(t, "+12025550123", w.only().SmsNumber)
	})
}

func TestReplicasDoNotSendTheSameAtTheSameTime(t *testing.T) {
	storetest.Each(t, []store.Schema{notificationstore.Schema, people.Schema}, func(t *testing.T, db *store.DB) {
		shared := &carrier{}
		first := newWorld(t, db, notificationstore.Notifications{}, shared)
		const orders = 300
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			for i := range orders {
				if err := first.NotifyCustomer(ctx, tx, domain.OrderReady, domain.Order{ID: fmt.Sprint(i), CustomerID: "ada"}); err != nil {
					return err
				}
			}
			return nil
		}))
		var replicas sync.WaitGroup
		for range 4 {
			replica := newWorld(t, db, notificationstore.Notifications{}, shared)
			replicas.Go(func() {
				for range orders { // bounded; it ends when nothing is queued any more
					taken, err := replica.SendDue(t.Context())
					if err != nil {
						t.Error(err)
						return
					}
					if taken == 0 {
						return
					}
				}
			})
		}
		replicas.Wait()
		sent := map[string]int{}
		for _, sms := range shared.taken {
			sent[sms.ID]++
		}
		require.Len(t, sent, orders)
		require.Len(t, shared.taken, orders, "some were sent twice")
	})
}

// flaky is a repository whose database is away for the first times that outcomes are to be written.
type flaky struct {
	notificationstore.Notifications
	away *int
}

// Get implements app.Notifications.
func (f flaky) Get(ctx context.Context, tx *store.Tx, ids []string) ([]*domain.Notification, error) {
	if *f.away > 0 {
		*f.away--
		return nil, driver.ErrBadConn
	}
	return f.Notifications.Get(ctx, tx, ids)
}

func TestADatabaseThatIsAwayForAMomentDoesNotMakeAMessageGoOutTwice(t *testing.T) {
	away := 2
	db := storetest.Open(t, notificationstore.Schema, people.Schema)
	w := newWorld(t, db, flaky{away: &away}, &carrier{})
	w.notify(domain.OrderReady, "order", "ada")
	w.sendDue(1)
	require.Equal(t, domain.Sent, w.only().Status)
	require.Zero(t, away)
	w.clock.Advance(domain.InHand)
	w.sendDue(0)
	require.Len(t, w.carrier.taken, 1)
}

func TestWhatIsBegunIsEndedThoughTheProcessStops(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ctx, stop := context.WithCancel(t.Context())
		w.carrier.send = func(ctx context.Context, _ app.Sms) error {
			stop()
			return ctx.Err()
		}
		w.notify(domain.OrderReady, "order", "ada")
		_, err := w.SendDue(ctx)
		require.NoError(t, err)
		require.Equal(t, domain.Sent, w.only().Status)
	})
}
