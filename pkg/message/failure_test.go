package message_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	wm "github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
)

var errNotYet = errors.New("not yet")

func TestAFailedMessageIsTriedAgainAndTakesEffectOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		r := run(t, db, soon, onWord(failing("late", 2, errNotYet)))
		m := word(t, "late")
		r.deliver(m)
		r.handled(m)
		again := m.Copy() // while it waits to be tried again, or after
		r.deliver(again)
		r.handled(again)
		hasEffects(t, db, "late")
		require.Empty(t, deadLettersOf(t, db))
		r.counted(map[string]int{"deferred": 2, "handled": 1, "copy": 1})
	})
}

func TestTwoReplicasTryADeferredMessageOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		first := run(t, db, message.RetryPolicy{Attempts: 2, First: time.Hour, Longest: time.Hour},
			onWord(func(context.Context, *store.Tx, string) error { return errNotYet }))
		all := words(t, numbered(100)...)
		first.deliver(all...)
		first.handled(all...)
		first.stop()
		require.Len(t, deferredOf(t, db), 100)
		exec(t, db, `UPDATE deferred SET next_at = first_at`)
		run(t, db, soon, onWord(nil))
		run(t, db, soon, onWord(nil))
		hasEffects(t, db, numbered(100)...)
		require.Empty(t, deadLettersOf(t, db))
	})
}

func TestAUsedUpBudgetIsADeadLetter(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		r := run(t, db, soon, onWord(failing("never", 1000, errors.New("no such basket: \x00\xff"))))
		m, other := word(t, "never"), word(t, "other")
		r.deliver(m, other)
		r.handled(m, other)
		dead := deadLetterOf(t, db)
		require.Equal(t, m.UUID, dead.id)
		require.Equal(t, topic, dead.topic)
		require.Equal(t, m.Metadata, dead.metadata)
		require.Equal(t, []byte(m.Payload), dead.payload)
		require.Equal(t, soon.Attempts, dead.attempts)
		require.Equal(t, "no such basket: \uFFFD\uFFFD", dead.err)
		require.Empty(t, dead.stack)
		require.WithinDuration(t, time.Now(), dead.firstAt, time.Minute)
		require.True(t, dead.firstAt.Before(dead.failedAt))
		hasEffects(t, db, "other")
		require.Len(t, sentOf(t, db), 1)
		r.counted(map[string]int{"deferred": 2, "dead": 1, "handled": 1})
	})
}

func TestAPanicIsADeadLetterWithItsStack(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		r := run(t, db, soon, onWord(panicking("tomatoes")))
		m := word(t, "tomatoes")
		r.deliver(m)
		r.handled(m)
		dead := deadLetterOf(t, db)
		require.Equal(t, "panic: cannot stand tomatoes", dead.err)
		require.Contains(t, dead.stack, "batch_test.go", "the place of the panic")
		require.Equal(t, soon.Attempts, dead.attempts)
		require.Empty(t, effectsOf(t, db))
	})
}

func TestAnUndecodableEntryIsADeadLetterAtOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		r := run(t, db, soon, onWord(nil))
		entry, good := wm.NewMessage("entry-1", []byte("\x00what came instead\xff")), word(t, "good")
		entry.Metadata.Set("mallbots-undecodable", "field _watermill_message_uuid is missing")
		r.deliver(entry, good, entry.Copy())
		r.handled(entry, good)
		dead := deadLetterOf(t, db)
		require.Equal(t, "entry-1", dead.id)
		require.Equal(t, 1, dead.attempts)
		require.Equal(t, []byte(entry.Payload), dead.payload)
		require.Equal(t, entry.Metadata, dead.metadata)
		require.NotEmpty(t, dead.err)
		hasEffects(t, db, "good")
	})
}

func TestABrokenPayloadIsADeadLetter(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		r := run(t, db, soon, onWord(nil))
		broken, good := word(t, "broken"), word(t, "good")
		broken.Payload = []byte("\xff\xff")
		r.deliver(broken, good)
		r.handled(broken, good)
		dead := deadLetterOf(t, db)
		require.Equal(t, []byte("\xff\xff"), dead.payload)
		require.Contains(t, dead.err, "decoding google.protobuf.StringValue")
		hasEffects(t, db, "good")
	})
}

// What a stranger may put where the id belongs.
func brokenIDs() map[string]string {
	return map[string]string{
		"NUL": "a\x00b", "invalid UTF-8": "a\xffb", "none": "", "longer than an index takes": strings.Repeat(rand.Text(), 1000),
	}
}

func TestABrokenIDDoesNotStopTheStream(t *testing.T) {
	for name, id := range brokenIDs() {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *store.DB) {
				r := run(t, db, soon, onWord(panicking("bad")))
				odd, bad, good := word(t, "odd"), word(t, "bad"), word(t, "good")
				odd.UUID = id
				if bad.UUID = id; id != "" {
					bad.UUID += "2"
				}
				all := []*wm.Message{odd, odd.Copy(), bad, bad.Copy(), good}
				r.deliver(all...)
				r.handled(all...)
				hasEffects(t, db, "good", "odd")
				require.Equal(t, []byte(bad.Payload), deadLetterOf(t, db).payload)
			})
		})
	}
}

func TestAnEmptyBodyCanBePutOff(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		r := run(t, db, soon, onWord(failing("", 2, errNotYet)), message.OnEvent(
			func(context.Context, *store.Tx, message.Meta, *wrapperspb.Int64Value) error { return errNotYet }))
		late, never := word(t, ""), encode(t, "zero", wrapperspb.Int64(0))
		late.Payload, never.Payload = nil, nil
		r.deliver(late, never)
		r.handled(late, never)
		hasEffects(t, db, "")
		require.Empty(t, deadLetterOf(t, db).payload)
	})
}

func TestAnUnknownTypeIsAcknowledged(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		r := run(t, db, soon, onWord(nil))
		unknown, untyped, good := encode(t, "x", wrapperspb.Bool(true)), wm.NewMessage("untyped", nil), word(t, "good")
		r.deliver(unknown, untyped, good)
		r.handled(unknown, untyped, good)
		hasEffects(t, db, "good")
		require.Empty(t, deadLettersOf(t, db))
		r.counted(map[string]int{"unknown_type": 2, "handled": 1})
	})
}

func TestADeferredMessageOutlivesItsHandler(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		older := run(t, db, message.RetryPolicy{Attempts: 3, First: time.Hour, Longest: time.Hour}, message.OnEvent(
			func(context.Context, *store.Tx, message.Meta, *wrapperspb.Int64Value) error { return errNotYet }))
		m := encode(t, "seven", wrapperspb.Int64(7))
		older.deliver(m)
		older.handled(m)
		older.stop()
		exec(t, db, `UPDATE deferred SET next_at = first_at`)
		run(t, db, soon, onWord(nil)) // a release without the handler
		dead := deadLetterOf(t, db)
		require.Equal(t, m.UUID, dead.id)
		require.Contains(t, dead.err, "no handler")
	})
}

func TestADeadLetterThatComesAgainDoesNotStopTheStream(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		r := run(t, db, soon, onWord(panicking("never")))
		m := word(t, "never")
		r.deliver(m)
		r.handled(m)
		before := deadLetterOf(t, db)
		exec(t, db, `DELETE FROM inbox`) // it is longer ago than the inbox remembers
		again, good := m.Copy(), word(t, "good")
		r.deliver(again, good)
		r.handled(again, good)
		hasEffects(t, db, "good")
		require.Eventually(t, func() bool { return deadLettersOf(t, db)[0].failedAt.After(before.failedAt) }, patience, time.Millisecond)
		require.Len(t, deadLettersOf(t, db), 1)
	})
}

func TestPausesDoubleUpToTheLongest(t *testing.T) {
	policy := message.DefaultRetryPolicy
	var total time.Duration
	for failures, base := range []time.Duration{0, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000} {
		if failures == 0 {
			continue
		}
		base *= time.Millisecond
		for range 100 {
			require.GreaterOrEqual(t, policy.Pause(failures), base)
			require.LessOrEqual(t, policy.Pause(failures), base+base/4)
		}
		total += base
	}
	require.InDelta(t, 3*time.Minute, total, float64(time.Minute), "ten attempts ride out a deploy that is rolled back")
	require.LessOrEqual(t, policy.Pause(1_000_000), policy.Longest+policy.Longest/4)
}
