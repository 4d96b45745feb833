package outbox

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/redisstream"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
)

func TestAMessageOfAProcessThatDiedBeforeTheRelayIsSentAfterARestart(t *testing.T) {
	each(t, func(r *rig) {
		r.publish(r.outbox(nil), "a", "b") // never ran
		o := r.outbox(nil)
		stop := r.run(o)
		require.Equal(r, []string{"a", "b"}, r.await(2))
		stop()
		require.Len(r, r.stream(), 2)
	})
}

func TestAMessageOfAProcessThatDiedBeforeTheMarkIsSentTwice(t *testing.T) {
	each(t, func(r *rig) {
		dying := r.outbox(func(c *Config) { c.DrainTimeout = time.Millisecond })
		healthy := dying.pub
		sent := make(chan struct{})
		dying.pub = publisherFunc(func(ctx context.Context, entries []redisstream.Entry) ([]string, error) {
			_, err := healthy.PublishBatch(ctx, entries)
			close(sent)
			<-ctx.Done() // the process dies here: an error would have the sweeper claim the row, and a claim outlives its process
			return nil, errors.Join(err, ctx.Err())
		})
		stop := r.run(dying)
		r.publish(dying, "a")
		<-sent
		stop()
		require.EqualValues(r, 1, r.unsent(dying))

		o := r.outbox(nil)
		stop = r.run(o)
		require.Equal(r, []string{"a", "a"}, r.await(2))
		stop()
		require.Zero(r, r.unsent(o))
	})
}

func TestWhatIsCommittedWhileRedisIsAwayIsSentWhenItIsBack(t *testing.T) {
	each(t, func(r *rig) {
		o := r.outbox(nil)
		stop := r.run(o)
		r.publish(o, "before")
		r.recordedAll(o)
		r.line.cut()
		r.publish(o, "during")
		r.eventually(func() bool { return o.Healthy() != nil })
		for _, id := range numbered("more", 5) {
			r.publish(o, id)
		}
		require.Empty(r, o.queue.rows, "nothing gathers in memory")
		require.Equal(r, []string{"before"}, r.stream())
		r.line.mend()
		r.await(7)
		r.eventually(func() bool { return o.Healthy() == nil })
		r.publish(o, "after")
		r.await(8)
		stop()
		require.Len(r, r.stream(), 8)
	})
}

func TestRunStartsWithoutRedis(t *testing.T) {
	each(t, func(r *rig) {
		r.line.cut()
		o := r.outbox(nil)
		r.start(o)
		r.publish(o, "a")
		r.eventually(func() bool { return o.Healthy() != nil && !errors.Is(o.Healthy(), errStarting) })
		r.line.mend()
		require.Equal(r, []string{"a"}, r.await(1))
	})
}

func TestMoreMessagesThanTheQueueHoldsAreAllSent(t *testing.T) {
	for name, limit := range map[string]func(*Config){
		"by number": func(c *Config) { c.QueueSize, c.BatchSize = 3, 2 },
		"by bytes":  func(c *Config) { c.QueueBytes, c.BatchSize = 20, 2 },
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(r *rig) {
				o := r.outbox(limit)
				stop := r.run(o)
				r.publish(o, numbered("m", 50)...)
				r.await(50)
				stop()
				require.Len(r, r.stream(), 50)
				require.Zero(r, o.queue.bytes)
				require.Empty(r, o.queue.held)
			})
		})
	}
}

func TestTheSweeperLeavesAloneWhatTheRelayHolds(t *testing.T) {
	each(t, func(r *rig) {
		o := r.outbox(nil)
		healthy := o.pub
		held, proceed := make(chan struct{}), make(chan struct{})
		o.pub = publisherFunc(func(ctx context.Context, entries []redisstream.Entry) ([]string, error) {
			close(held)
			<-proceed
			return healthy.PublishBatch(ctx, entries)
		})
		stop := r.run(o)
		r.publish(o, "a")
		<-held
		var cursor position
		claimed, more, err := o.claim(r.Context(), time.Now().Add(never).UnixMicro(), &cursor)
		require.NoError(r, err)
		require.Empty(r, claimed)
		require.False(r, more)
		close(proceed)
		stop()
		require.Equal(r, []string{"a"}, r.stream())
	})
}

func TestTheSweeperTakesOverdueRowsOfOthers(t *testing.T) {
	each(t, func(r *rig) {
		o := r.outbox(func(c *Config) { c.SweepInterval = soon })
		r.run(o)
		dead := r.outbox(func(c *Config) { c.HeadStart = time.Millisecond })
		r.publish(dead, "a")
		require.Equal(r, []string{"a"}, r.await(1))
	})
}

func TestTwoReplicasShareABacklogWithoutCopies(t *testing.T) {
	each(t, func(r *rig) {
		small := func(c *Config) { c.BatchSize = 10 }
		ids := numbered("m", 500)
		one, other := r.outbox(small), r.outbox(small)
		r.publish(one, ids...)
		stopOne, stopOther := r.start(one), r.start(other)
		r.await(len(ids))
		r.recordedAll(one)
		stopOne()
		stopOther()
		require.ElementsMatch(r, ids, r.stream())
	})
}

func TestATopicThatIsNoStreamHoldsUpNoOther(t *testing.T) {
	each(t, func(r *rig) {
		o := r.outbox(nil)
		wrong := r.topic + ".wrong"
		require.NoError(r, r.look.Set(r.Context(), wrong, "a string", 0).Err())
		r.Cleanup(func() { require.NoError(r, r.look.Del(context.Background(), wrong).Err()) })
		publishWrong := func(id string) {
			require.NoError(r, r.db.Do(r.Context(), func(ctx context.Context, tx *store.Tx) error {
				out := r.messages(id)
				out[0].Topic = wrong
				o.Publish(ctx, tx, out...)
				return nil
			}))
		}
		publishWrong("left over")
		r.publish(o, "a")
		stop := r.run(o)
		r.await(1)
		publishWrong("handed over")
		r.publish(o, "b")
		require.Equal(r, []string{"a", "b"}, r.await(2))
		stop()
		require.EqualValues(r, 2, r.unsent(o))
	})
}

func TestTheRelayOutlivesAPanic(t *testing.T) {
	each(t, func(r *rig) {
		o := r.outbox(nil)
		healthy := o.pub
		var panicked atomic.Bool
		o.pub = publisherFunc(func(ctx context.Context, entries []redisstream.Entry) ([]string, error) {
			if panicked.CompareAndSwap(false, true) {
				panic("out of order")
			}
			return healthy.PublishBatch(ctx, entries)
		})
		r.run(o)
		r.publish(o, "a")
		require.Equal(r, []string{"a"}, r.await(1))
	})
}

func TestWhatIsRecordedTooLateIsUnhealthyUntilTheSweeperHasLooked(t *testing.T) {
	each(t, func(r *rig) {
		o := r.outbox(nil)
		r.publish(o, "a")
		var cursor position
		rows, _, err := o.claim(r.Context(), time.Now().Add(never).UnixMicro(), &cursor)
		require.NoError(r, err)
		sent, _, err := o.send(r.Context(), rows)
		require.NoError(r, err)
		sent[0].at = time.Now().Add(-markTimeout)
		stop := r.run(o)
		o.sent <- sent[0]
		r.eventually(func() bool { return o.Healthy() != nil })
		require.EqualValues(r, 1, r.unsent(o), "the loss check relies on it")
		require.NoError(r, o.release(r.Context(), rows))
		o.wakeSweeper()
		r.eventually(func() bool { return o.Healthy() == nil })
		r.recordedAll(o)
		stop()
		require.Equal(r, []string{"a", "a"}, r.stream())
	})
}

func TestTheShortWayIsOpenedAgainWhenTheDatabaseIsBack(t *testing.T) {
	r := newRigOn(t, storetest.Open(t, Schema))
	r.exec(`ALTER TABLE outbox RENAME COLUMN due_at TO gone`)
	o := r.outbox(nil)
	r.start(o)
	r.eventually(func() bool { return o.Healthy() != nil && !errors.Is(o.Healthy(), errStarting) })
	r.exec(`ALTER TABLE outbox RENAME COLUMN gone TO due_at`)
	r.eventually(func() bool { return o.Healthy() == nil })
}

func TestRunEndsPromptlyWhateverItWaitsFor(t *testing.T) {
	each(t, func(r *rig) {
		o := r.outbox(func(c *Config) { c.DrainTimeout = 50 * time.Millisecond })
		stop := r.run(o)
		require.ErrorContains(r, o.Run(r.Context()), "running already")
		hanging := make(chan struct{})
		o.pub = publisherFunc(func(ctx context.Context, _ []redisstream.Entry) ([]string, error) {
			close(hanging)
			<-ctx.Done()
			return nil, ctx.Err()
		})
		r.publish(o, "a")
		<-hanging
		began := time.Now()
		stop()
		require.Less(r, time.Since(began), deadline/4)
		require.ErrorIs(r, o.Healthy(), errNotRunning)
	})
}

func TestRunSendsWhatWasHandedOverBeforeItEnds(t *testing.T) {
	each(t, func(r *rig) {
		o := r.outbox(func(c *Config) { c.BatchSize = 2 })
		healthy := o.pub
		first, proceed := make(chan struct{}), make(chan struct{})
		var calls atomic.Int64
		o.pub = publisherFunc(func(ctx context.Context, entries []redisstream.Entry) ([]string, error) {
			if calls.Add(1) == 1 {
				close(first)
				<-proceed
			}
			return healthy.PublishBatch(ctx, entries)
		})
		ctx, cancel := context.WithCancel(r.Context())
		done := make(chan error, 1)
		go func() { done <- o.Run(ctx) }()
		r.eventually(func() bool { return o.Healthy() == nil })
		r.publish(o, numbered("m", 9)...)
		<-first
		cancel()
		close(proceed)
		require.NoError(r, <-done)
		require.Len(r, r.stream(), 9)
		require.Zero(r, r.unsent(o))
	})
}

func TestWhatTheRelayGivesUpIsTheSweepersAtOnce(t *testing.T) {
	r := newRigOn(t, storetest.Open(t, Schema))
	o := r.outbox(nil)
	o.health.set(partRedis, nil)
	r.publish(o, "a")
	batch := collect(nil, o.queue.rows, 1, 0)
	o.health.set(partRedis, errStarting) // the sweeper was told so, and has passed by while the row was held
	o.relayBatch(r.Context(), batch)
	require.Empty(t, o.queue.held)
	require.Len(t, o.poke, 1)
}
