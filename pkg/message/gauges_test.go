package message_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/gauge"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
)

func TestDeferredMessagesAndDeadLettersAreGauges(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		began := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
		manual := clock.NewManual(began)
		b := newBus()
		consumer := message.NewConsumer(message.ConsumerConfig{
			Service: "tests", DB: db, Publisher: rowPublisher{}, Subscriber: b, Clock: manual, Logger: slog.New(slog.DiscardHandler),
			Policy: message.RetryPolicy{Attempts: 2, First: time.Hour, Longest: time.Hour},
		})
		consumer.Handle(topic, onWord(func(context.Context, *store.Tx, string) error { return errors.New("no") }))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- consumer.Run(ctx) }()
		t.Cleanup(func() { cancel(); <-ended })

		board := gauge.NewBoard(slog.New(slog.DiscardHandler), consumer.Gauges())
		told := func(deferred, age, dead string) error {
			board.Look(t.Context())
			return testutil.CollectAndCompare(board, strings.NewReader(`
# HELP messages_dead Dead letters: messages that were given up and wait for an operator; the same from every replica.
# TYPE messages_dead gauge
messages_dead `+dead+`
# HELP messages_deferred Messages that failed and wait to be tried again; the same from every replica.
# TYPE messages_deferred gauge
messages_deferred `+deferred+`
# HELP messages_deferred_oldest_age_seconds How long ago the first of them failed first, 0 when there is none; the same from every replica.
# TYPE messages_deferred_oldest_age_seconds gauge
messages_deferred_oldest_age_seconds `+age+"\n"))
		}
		require.NoError(t, told("0", "0", "0"))

		r := &running{bus: b, t: t, consumer: consumer}
		first := word(t, "first")
		r.deliver(first)
		r.handled(first)
		manual.Advance(time.Minute)
		second := word(t, "second")
		r.deliver(second)
		r.handled(second)
		require.NoError(t, told("2", "60", "0"))

		exec(t, db, `UPDATE deferred SET next_at = first_at`)
		third := word(t, "third") // its failure makes the consumer look at the table
		r.deliver(third)
		r.handled(third)
		require.Eventually(t, func() bool { return told("1", "0", "2") == nil }, patience, time.Millisecond)
	})
}
