package message_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	wm "github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
)

// units counts the committed units of work and the messages in each.
type units struct {
	mu    sync.Mutex
	sizes []int
}

func (u *units) handler(then func(ctx context.Context, tx *store.Tx, word string) error) message.Handler {
	return onWord(func(ctx context.Context, tx *store.Tx, word string) error {
		size := tx.Attach(u, func() any {
			size := new(int)
			tx.OnCommit(func() {
				u.mu.Lock()
				defer u.mu.Unlock()
				u.sizes = append(u.sizes, *size)
			})
			return size
		}).(*int)
		*size++
		if then == nil {
			return nil
		}
		return then(ctx, tx, word)
	})
}

func (u *units) committed() []int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Clone(u.sizes)
}

// batch makes messages of one subject, which all go into one lane.
func batchOf(t testing.TB, names ...string) (batch []*wm.Message) {
	for _, name := range names {
		batch = append(batch, encode(t, "same", wrapperspb.String(name)))
	}
	return batch
}

func TestABatchSharesOneCommit(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		h, u := newHolder(), &units{}
		r := run(t, db, soon, u.handler(nil), h.handler())
		release := r.hold(h, "same")
		batch := batchOf(t, numbered(message.MaxBatch)...)
		r.deliver(batch...)
		r.gathered(message.MaxBatch)
		release()
		r.handled(batch...)
		hasEffects(t, db, numbered(message.MaxBatch)...)
		require.Equal(t, []int{message.MaxBatch}, u.committed())
	})
}

func TestABatchHasALimit(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		h, u := newHolder(), &units{}
		r := run(t, db, soon, u.handler(nil), h.handler())
		release := r.hold(h, "same")
		batch := batchOf(t, numbered(3*message.MaxBatch)...)
		r.deliver(batch...)
		r.gathered(message.MaxBatch) // the rest waits in the subscription
		release()
		r.handled(batch...)
		hasEffects(t, db, numbered(3*message.MaxBatch)...)
		require.Equal(t, message.MaxBatch, slices.Max(u.committed()))
	})
}

func TestOneFailingMessageDoesNotDisturbItsBatch(t *testing.T) {
	for name, fail := range map[string]func(ctx context.Context, tx *store.Tx, word string) error{
		"error": func(_ context.Context, _ *store.Tx, word string) error {
			if word == "word-003" {
				return errors.New("not yet")
			}
			return nil
		},
		"panic": panicking("word-003"),
		"panic in a hook": func(_ context.Context, tx *store.Tx, word string) error {
			if word == "word-003" {
				tx.BeforeCommit(func(context.Context) error { panic("broken hook") })
			}
			return nil
		},
		"broken statement": func(_ context.Context, tx *store.Tx, word string) error {
			if word == "word-003" {
				tx.Queue(`INSERT INTO no_such_table VALUES (1)`)
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *store.DB) {
				h, u := newHolder(), &units{}
				r := run(t, db, message.RetryPolicy{Attempts: 10, First: time.Hour, Longest: time.Hour}, u.handler(fail), h.handler())
				release := r.hold(h, "same")
				batch := batchOf(t, numbered(10)...)
				r.deliver(batch...)
				r.gathered(len(batch))
				release()
				r.handled(batch...) // the one that failed, too: it is the database's now
				require.Equal(t, slices.Delete(numbered(10), 3, 4), effectsOf(t, db))
				require.Len(t, sentOf(t, db), 9)
				require.Equal(t, []string{batch[3].UUID}, deferredOf(t, db))
				require.Equal(t, []int{1, 1, 1, 1, 1, 1, 1, 1, 1}, u.committed())
				r.counted(map[string]int{"handled": 10, "deferred": 1}) // the ten include the holder
			})
		})
	}
}

func panicking(words ...string) func(context.Context, *store.Tx, string) error {
	return func(_ context.Context, _ *store.Tx, word string) error {
		if slices.Contains(words, word) {
			panic("cannot stand " + word)
		}
		return nil
	}
}

func TestMessagesOfOneSubjectRunOneAfterTheOther(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		var mu sync.Mutex
		busy := map[string]bool{}
		r := run(t, db, soon, message.OnEvent(func(_ context.Context, tx *store.Tx, meta message.Meta, event *wrapperspb.StringValue) error {
			mu.Lock()
			if busy[meta.Subject] {
				effect(tx, "two at once")
			}
			busy[meta.Subject] = true
			mu.Unlock()
			_, err := tx.Exec(t.Context(), `INSERT INTO effects (name) VALUES ($1)`, event.Value) // a round trip: time for others
			mu.Lock()
			busy[meta.Subject] = false
			mu.Unlock()
			return err
		}))
		var all []*wm.Message
		for i, name := range numbered(200) {
			all = append(all, encode(t, []string{"a", "b", "c", "d", "e"}[i%5], wrapperspb.String(name)))
		}
		r.deliver(all...)
		r.handled(all...)
		hasEffects(t, db, numbered(200)...)
	})
}

func TestSubjectsRunSideBySide(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		if db.Lanes() == 1 {
			t.Skip("one writer")
		}
		h := newHolder()
		r := run(t, db, soon, h.handler())
		// Of many subjects, some are in another lane than the first one's.
		for _, subject := range numbered(20) {
			r.deliver(encode(t, subject, durationpb.New(0)))
		}
		wait(t, h.entered, "the first lane")
		wait(t, h.entered, "a second lane while the first is busy")
		go func() {
			for range h.entered { // whoever else comes
			}
		}()
		close(h.release)
		require.Eventually(t, func() bool { return r.results()["handled"] == 20 }, patience, time.Millisecond)
		r.stop()
		close(h.entered)
	})
}

func TestABatchThatTakesTooLongRunsOneByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := storetest.Open(t, message.Schema, effects)
		h := newHolder()
		r := run(t, db, soon, h.handler(), onWord(func(ctx context.Context, _ *store.Tx, _ string) error {
			select { // three of these are more than a unit of work may take
			case <-time.After(message.UnitTimeout * 2 / 5):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}))
		release := r.hold(h, "same")
		batch := batchOf(t, "a", "b", "c")
		r.deliver(batch...)
		synctest.Wait()
		release()
		for _, m := range batch {
			select {
			case <-m.Acked():
			case <-time.After(10 * message.UnitTimeout):
				t.Fatal("the batch is tried again and again")
			}
		}
		r.stop()
		require.Equal(t, []string{"a", "b", "c"}, effectsOf(t, db))
	})
}
