// Package app holds the use cases of notifications, one file each.
package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/store"
	"mallbots.example/services/internal/people"
	"mallbots.example/services/notifications/internal/domain"
)

// Filter says which notifications are wanted. What is empty matches all.
type Filter struct {
	CustomerID, OrderID string
}

// Notifications is the repository of notifications.
type Notifications interface {
	// Has reports whether an order has its notification of a kind.
	Has(ctx context.Context, tx *store.Tx, orderID string, kind domain.Kind) (bool, error)
	// Get gives notifications by their ids, those that there are.
	Get(ctx context.Context, tx *store.Tx, ids []string) ([]*domain.Notification, error)
	// List gives up to limit notifications that match the filter, newest first, after the one with the id after ("" for the first ones).
	List(ctx context.Context, tx *store.Tx, filter Filter, after string, limit int) ([]*domain.Notification, error)
	// TakeDue takes up to limit queued notifications that are due, with the numbers that their customers have by now, and leaves those
	// that another unit of work has taken.
	TakeDue(ctx context.Context, tx *store.Tx, now time.Time, limit int) ([]*domain.Notification, error)
	// NextDue is when the next queued notification is due, if there is one.
	NextDue(ctx context.Context, tx *store.Tx) (at time.Time, found bool, err error)
	// Save stores what happened to a notification. A new one is not stored if its order has one of its kind.
	Save(tx *store.Tx, notification *domain.Notification)
}

// People is notifications' own copy of the mall's customers.
type People interface {
	// Find gives the customer with this id, and whether there is one.
	Find(ctx context.Context, tx *store.Tx, id string) (person people.Person, known bool, err error)
}

// Config is what the use cases need: all of it.
type Config struct {
	DB            *store.DB
	Notifications Notifications
	People        People
	Sender        Sender
	Clock         clock.Clock
	IDs           id.Source
	Log           *slog.Logger
	Metrics       prometheus.Registerer
}

// App runs the use cases, each in a unit of work: its own, or (when it takes one) that of the message that asks for it.
type App struct {
	Config
	ended, attempts *prometheus.CounterVec
	wake            chan struct{} // something is queued
}

// What an attempt to send came to, in metrics.
const (
	resultSent    = "sent"
	resultRetried = "retried"
	resultFailed  = "failed"
)

// New makes the use cases.
func New(config Config) *App {
	a := &App{
		Config: config, wake: make(chan struct{}, 1),
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "notifications_ended_total", Help: "Notifications that were sent or failed, by kind and status.",
		}, []string{"kind", "status"}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "notifications_sent_total", Help: "Attempts to send a notification, by kind and result: sent, retried (to be tried again) or failed.",
		}, []string{"kind", "result"}),
	}
	config.Metrics.MustRegister(a.ended, a.attempts)
	for _, kind := range domain.Kinds() { // from the start, so that the first failure is an increase
		for _, result := range []string{resultSent, resultRetried, resultFailed} {
			a.attempts.WithLabelValues(string(kind), result)
		}
	}
	return a
}

// save stores what happened to a notification. Once it is committed, one that is queued wakes the sending, and one that has ended is
// counted; who is not told is an operator's concern.
func (a *App) save(ctx context.Context, tx *store.Tx, n *domain.Notification) {
	a.Notifications.Save(tx, n)
	id, state, events := n.ID(), n.State(), n.Events()
	if len(events) == 0 {
		return
	}
	tx.OnCommit(func() {
		switch events[len(events)-1] {
		case domain.Written, domain.Retried:
			a.wakeUp()
		case domain.Delivered:
			a.attempts.WithLabelValues(string(state.Kind), resultSent).Inc()
			a.ended.WithLabelValues(string(state.Kind), string(state.Status)).Inc()
		case domain.GivenUp:
			if state.Attempts > 0 {
				a.attempts.WithLabelValues(string(state.Kind), resultFailed).Inc()
			}
			a.ended.WithLabelValues(string(state.Kind), string(state.Status)).Inc()
			a.Log.ErrorContext(ctx, "notification failed: its customer is not told", "notification_id", id, "order_id", state.OrderID,
				"kind", string(state.Kind), "attempts", state.Attempts, "failure", state.Failure)
		case domain.Missed:
			a.attempts.WithLabelValues(string(state.Kind), resultRetried).Inc()
		case domain.Tried:
		}
	})
}

func (a *App) wakeUp() {
	select {
	case a.wake <- struct{}{}:
	default: // it has a wake-up waiting
	}
}
