package outbox

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
)

func TestACommittedMessageReachesTheStreamWithoutWaitingForASweep(t *testing.T) {
	each(t, func(r *rig) {
		o := r.outbox(nil)
		stop := r.run(o)
		r.publish(o, "a", "b")
		r.publish(o, "c")
		require.Equal(r, []string{"a", "b", "c"}, r.await(3))
		stop()
		require.Len(r, r.stream(), 3)
		require.Zero(r, r.unsent(o), "what was sent is recorded before Run returns")
	})
}

func TestAMessageArrivesAsItWasPublished(t *testing.T) {
	each(t, func(r *rig) {
		o := r.outbox(func(c *Config) { c.IDs = func() string { return "made" } })
		// One is relayed from memory, the other read from the table: both must be the same on the wire.
		r.publish(o, "from the table")
		r.run(o)
		ctx := message.WithCause(r.Context(), message.Meta{ID: "cause", CorrelationID: "request"})
		require.NoError(r, r.db.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
			o.Publish(ctx, tx, message.Event(r.topic, "subject", wrapperspb.String("body of made")))
			return nil
		}))
		r.await(2)
		messages := r.subscribe()
		for range 2 {
			msg := <-messages
			meta := message.DecodeMeta(msg)
			require.Equal(r, "google.protobuf.StringValue", meta.Type)
			require.Equal(r, "test", meta.Source)
			require.Equal(r, "subject", meta.Subject)
			require.WithinDuration(r, time.Now(), meta.Time, time.Minute)
			if msg.UUID == "made" {
				require.Equal(r, "cause", meta.CausationID)
				require.Equal(r, "request", meta.CorrelationID)
			}
			var body wrapperspb.StringValue
			require.NoError(r, proto.Unmarshal(msg.Payload, &body))
			require.Equal(r, "body of "+msg.UUID, body.Value)
			msg.Ack()
		}
	})
}

func TestARolledBackMessageIsNeverSent(t *testing.T) {
	each(t, func(r *rig) {
		o := r.outbox(nil)
		stop := r.run(o)
		broken := errors.New("broken")
		require.ErrorIs(r, r.db.Do(r.Context(), func(ctx context.Context, tx *store.Tx) error {
			o.Publish(ctx, tx, r.messages("never")...)
			return broken
		}), broken)
		r.publish(o, "after")
		r.await(1)
		stop()
		require.Equal(r, []string{"after"}, r.stream())
	})
}

func TestAnUnencodableMessageFailsTheUnitOfWork(t *testing.T) {
	each(t, func(r *rig) {
		o := r.outbox(nil)
		for name, bad := range map[string]message.Outgoing{
			"no UTF-8":  message.Event(r.topic, "subject", wrapperspb.String("\xff")),
			"no topic":  message.Event("", "subject", wrapperspb.String("body")),
			"too large": message.Event(r.topic, "subject", wrapperspb.String(strings.Repeat("x", maxPayload))),
		} {
			err := r.db.Do(r.Context(), func(ctx context.Context, tx *store.Tx) error {
				o.Publish(ctx, tx, bad)
				o.Publish(ctx, tx, r.messages("good")...)
				return nil
			})
			require.ErrorContains(r, err, "google.protobuf.StringValue", name)
			require.Zero(r, r.unsent(o), name)
		}
	})
}

func TestAMessageThatAHookPublishesBelongsToTheUnitOfWork(t *testing.T) {
	each(t, func(r *rig) {
		o := r.outbox(nil)
		r.run(o)
		require.NoError(r, r.db.Do(r.Context(), func(ctx context.Context, tx *store.Tx) error {
			o.Publish(ctx, tx, r.messages("first")...)
			tx.BeforeCommit(func(ctx context.Context) error {
				o.Publish(ctx, tx, r.messages("second")...)
				return nil
			})
			return nil
		}))
		require.Equal(r, []string{"first", "second"}, r.await(2))
	})
}

func TestAUnitOfWorkMayHoldMoreMessagesThanOneStatement(t *testing.T) {
	each(t, func(r *rig) {
		o := r.outbox(nil)
		r.run(o)
		ids := numbered("m", 2*statementRows+1)
		r.publish(o, ids...)
		require.Equal(r, ids, r.await(len(ids)))
	})
}

func TestAMessageWithTheIdOfASentOneIsSentAgain(t *testing.T) {
	each(t, func(r *rig) {
		o := r.outbox(nil)
		stop := r.run(o)
		r.publish(o, "command")
		r.recordedAll(o)
		r.publish(o, "command")
		require.Equal(r, []string{"command", "command"}, r.await(2))
		r.publish(o, "command", "command") // within one unit it is one
		r.await(3)
		stop()
		require.Len(r, r.stream(), 3)
		require.Zero(r, r.unsent(o))

		r.publish(o, "command") // the process dies before the relay
		require.EqualValues(r, 1, r.unsent(o))
		stop = r.run(r.outbox(nil))
		r.await(4)
		stop()
		require.Zero(r, r.unsent(o))
	})
}

func TestAMessageThatTheSweeperSeesBeforeItIsHandedOverIsSentOnce(t *testing.T) {
	each(t, func(r *rig) {
		o := r.outbox(nil)
		o.health.set(partRedis, nil) // the short way is open, but nobody runs: the test is the sweeper
		require.NoError(r, r.db.Do(r.Context(), func(ctx context.Context, tx *store.Tx) error {
			tx.OnCommit(func() { require.NoError(r, o.sweep(context.Background(), time.Now().Add(never))) })
			o.Publish(ctx, tx, r.messages("a")...)
			return nil
		}))
		require.Equal(r, []string{"a"}, r.stream())
		require.Empty(r, o.queue.rows)
	})
}

func TestALateMarkOfAFirstCopyDoesNotMarkTheSecond(t *testing.T) {
	each(t, func(r *rig) {
		o := r.outbox(nil)
		r.publish(o, "command")
		var cursor position
		rows, _, err := o.claim(r.Context(), never.Microseconds()*1e9, &cursor)
		require.NoError(r, err)
		sent, _, err := o.send(r.Context(), rows)
		require.NoError(r, err)
		r.publish(o, "command")
		require.NoError(r, o.mark(r.Context(), sent))
		require.EqualValues(r, 1, r.unsent(o))
	})
}

func TestTheBacklogTellsHowManyWaitAndSinceWhen(t *testing.T) {
	each(t, func(r *rig) {
		now := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
		manual := clock.NewManual(now)
		o := r.outbox(func(c *Config) { c.Clock = manual })
		n, oldest, err := o.Backlog(r.Context())
		require.NoError(r, err)
		require.Zero(r, n)
		require.Zero(r, oldest)
		r.publish(o, "a")
		manual.Advance(time.Minute)
		r.publish(o, "b")
		n, oldest, err = o.Backlog(r.Context())
		require.NoError(r, err)
		require.EqualValues(r, 2, n)
		require.Equal(r, now, oldest)
		require.ErrorIs(r, o.Healthy(), errNotRunning)
	})
}

func TestABadSettingIsNamed(t *testing.T) {
	good := newRigOn(t, storetest.Open(t, Schema))
	for name, spoil := range map[string]func(*Config){
		"DB":         func(c *Config) { c.DB = nil },
		"Redis":      func(c *Config) { c.Redis = nil },
		"Source":     func(c *Config) { c.Source = "" },
		"BatchSize":  func(c *Config) { c.BatchSize = maxBatchSize + 1 },
		"QueueSize":  func(c *Config) { c.QueueSize = -1 },
		"QueueBytes": func(c *Config) { c.QueueBytes = -1 },
		"HeadStart":  func(c *Config) { c.HeadStart = claimTime },
		"MarkDelay":  func(c *Config) { c.MarkDelay = markTimeout },
		"Retention":  func(c *Config) { c.Retention = -1 },
	} {
		cfg := Config{DB: good.db, Redis: good.redis, Source: "test"}
		spoil(&cfg)
		_, err := New(cfg)
		require.ErrorContains(t, err, name)
	}
	_, err := New(Config{DB: good.db, Redis: good.redis, Source: "test"})
	require.NoError(t, err)
}
