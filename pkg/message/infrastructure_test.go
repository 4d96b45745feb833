package message_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
)

// once is a policy under which an attempt that counts is the last.
var once = message.RetryPolicy{Attempts: 1, First: time.Millisecond, Longest: time.Millisecond}

func accidents() map[string]error {
	return map[string]error{
		"a peer is away":            status.Error(codes.Unavailable, "connection refused"),
		"a peer is away, wrapped":   fmt.Errorf("asking stores: %w", status.Error(codes.Unavailable, "connection refused")),
		"a peer is slow":            status.Error(codes.DeadlineExceeded, "too slow"),
		"the connection broke":      fmt.Errorf("saving: %w", driver.ErrBadConn),
		"the time was up":           context.DeadlineExceeded,
		"something ended the query": context.Canceled,
	}
}

func TestAnInfrastructureErrorIsNotCounted(t *testing.T) {
	for name, accident := range accidents() {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *store.DB) {
				r := run(t, db, once, onWord(failing("patient", 2, accident)))
				m := word(t, "patient")
				r.deliver(m)
				r.handled(m)
				hasEffects(t, db, "patient")
				require.Len(t, sentOf(t, db), 1)
				require.Empty(t, deadLettersOf(t, db))
				r.counted(map[string]int{"handled": 1})
			})
		})
	}
}

func TestAnErrorOfAPeerThatAnsweredIsCounted(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		r := run(t, db, once, onWord(failing("asked", 1, status.Error(codes.Internal, "broken"))))
		m := word(t, "asked")
		r.deliver(m)
		r.handled(m)
		require.Contains(t, deadLetterOf(t, db).err, "broken")
	})
}

func TestALostConnectionIsNotCounted(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		if db.Lanes() == 1 {
			t.Skip("SQLite has no connection to lose")
		}
		var lost atomic.Bool
		r := run(t, db, once, onWord(func(ctx context.Context, tx *store.Tx, _ string) error {
			if !lost.CompareAndSwap(false, true) {
				return nil
			}
			_, err := tx.Exec(ctx, `SELECT pg_terminate_backend(pg_backend_pid())`)
			return err
		}))
		m := word(t, "patient")
		r.deliver(m)
		r.handled(m)
		hasEffects(t, db, "patient")
		require.Empty(t, deadLettersOf(t, db))
	})
}

func TestTheLaneWaitsForWhatIsAway(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		var back atomic.Bool
		asked := make(chan struct{}, 1000)
		r := run(t, db, once, message.OnEvent(func(_ context.Context, tx *store.Tx, _ message.Meta, event *wrapperspb.StringValue) error {
			if event.Value == "first" && !back.Load() {
				asked <- struct{}{}
				return status.Error(codes.Unavailable, "away")
			}
			effect(tx, event.Value)
			return nil
		}))
		all := batchOf(t, "first", "second")
		r.deliver(all[0])
		wait(t, asked, "the first attempt")
		r.deliver(all[1])
		wait(t, asked, "another attempt")
		wait(t, asked, "another attempt")
		require.Empty(t, effectsOf(t, db))
		require.Empty(t, deferredOf(t, db))
		back.Store(true)
		r.handled(all...)
		hasEffects(t, db, "first", "second")
	})
}

func TestTheLaneDoesNotRunHotWhileItWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := storetest.Open(t, message.Schema, effects)
		var attempts atomic.Int64
		r := run(t, db, once, onWord(func(context.Context, *store.Tx, string) error {
			attempts.Add(1)
			return status.Error(codes.Unavailable, "away")
		}))
		m := word(t, "patient")
		r.deliver(m)
		select {
		case <-m.Acked():
			t.Fatal("acknowledged without effect")
		case <-time.After(time.Minute):
		}
		require.InDelta(t, 20, attempts.Load(), 15, "attempts in a minute: the pauses grow to seconds")
		r.stop()
		<-m.Nacked()
	})
}

func TestADeferredMessageThatWaitsLetsTheOthersPass(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		var tries, away atomic.Int64
		away.Store(1)
		r := run(t, db, message.RetryPolicy{Attempts: 2, First: time.Millisecond, Longest: time.Millisecond},
			onWord(func(_ context.Context, _ *store.Tx, word string) error {
				switch {
				case word == "stuck" && tries.Add(1) == 1:
					return errors.New("not yet")
				case word == "stuck" && away.Load() == 1:
					return status.Error(codes.Unavailable, "away")
				}
				return nil
			}))
		stuck := word(t, "stuck")
		r.deliver(stuck)
		r.handled(stuck)
		require.Eventually(t, func() bool { return tries.Load() >= 3 }, patience, time.Millisecond, "it is tried again, uncounted")
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error { // behind the one that is stuck
			tx.Queue(`INSERT INTO deferred SELECT 'other', topic, metadata, payload, 1, 'not yet', first_at, first_at FROM deferred`)
			tx.Queue(`UPDATE deferred SET payload = $1, next_at = $2 WHERE message_id = 'other'`, []byte(word(t, "late").Payload), time.Now())
			return nil
		}))
		require.Eventually(t, func() bool { return len(effectsOf(t, db)) == 1 }, patience, time.Millisecond)
		require.Equal(t, []string{"late"}, effectsOf(t, db))
		away.Store(0)
		hasEffects(t, db, "late", "stuck")
		require.Empty(t, deadLettersOf(t, db))
	})
}

func TestADeferredMessageThatAnotherReplicaHasInHandIsLeftToIt(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		if db.Lanes() == 1 {
			t.Skip("one writer")
		}
		first := run(t, db, message.RetryPolicy{Attempts: 2, First: time.Hour, Longest: time.Hour},
			onWord(func(context.Context, *store.Tx, string) error { return errors.New("not yet") }))
		m, other := word(t, "in hand"), word(t, "free")
		first.deliver(m, other)
		first.handled(m, other)
		first.stop()
		exec(t, db, `UPDATE deferred SET next_at = first_at`)
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			var id string
			if err := tx.QueryRow(ctx, `SELECT message_id FROM deferred WHERE message_id = $1`+tx.ForUpdate(), m.UUID).Scan(&id); err != nil {
				return err
			}
			run(t, db, soon, onWord(nil))
			require.Eventually(t, func() bool { return len(effectsOf(t, db)) == 1 }, patience, time.Millisecond)
			require.Equal(t, []string{"free"}, effectsOf(t, db))
			return nil
		}))
		hasEffects(t, db, "free", "in hand")
	})
}
