package outbox

import (
	"context"
	"crypto/rand"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/redisstream"
)

// lose removes the newest n entries of the stream, as a failover does.
func (r *rig) lose(n int64) {
	r.Helper()
	entries, err := r.look.XRevRangeN(context.Background(), r.topic, "+", "-", n).Result()
	require.NoError(r, err)
	for _, e := range entries {
		require.NoError(r, r.look.XDel(context.Background(), r.topic, e.ID).Err())
	}
}

// produce adds an entry of another service.
func (r *rig) produce(id string) {
	r.Helper()
	require.NoError(r, r.look.XAdd(context.Background(), &redis.XAddArgs{Stream: r.topic, Values: []any{fieldUUID, id}}).Err())
}

func (r *rig) drop() {
	r.Helper()
	require.NoError(r, r.look.Del(context.Background(), r.topic).Err())
}

// checkOnce runs the loss check and sends what it finds, without the loops around them.
func (r *rig) checkOnce(o *Outbox) {
	r.Helper()
	require.NoError(r, o.check(r.Context()))
	require.NoError(r, o.sweep(r.Context(), o.cfg.Clock.Now()))
}

func TestALostStreamIsNoticedByTheNextMessageAndAllIsSentAgain(t *testing.T) {
	each(t, func(r *rig) {
		o := r.outbox(func(c *Config) { c.BatchSize = 4 })
		r.run(o)
		ids := numbered("m", 10)
		r.publish(o, ids...)
		r.recordedAll(o)
		r.drop()
		r.publish(o, "next")
		require.ElementsMatch(r, append(ids, "next"), r.await(11))
		r.recordedAll(o)
		kept := slices.DeleteFunc(r.stream(), func(id string) bool { return id == "next" })
		require.Equal(r, ids, kept, "once each, in their order")
	})
}

func TestALostStreamIsNoticedWithoutAMessage(t *testing.T) {
	each(t, func(r *rig) {
		o := r.outbox(func(c *Config) { c.CheckInterval = soon })
		r.run(o)
		r.publish(o, "a", "b")
		r.recordedAll(o)
		r.drop()
		require.Equal(r, []string{"a", "b"}, r.await(2))
	})
}

func TestConsumedAndUnconsumedMessagesOfALostRedisAreSentAgainAfterARestart(t *testing.T) {
	each(t, func(r *rig) { // the embedded mode: the database stays, Redis begins empty
		o := r.outbox(nil)
		stop := r.run(o)
		r.publish(o, "consumed", "unconsumed")
		r.recordedAll(o)
		first, err := r.look.XRangeN(r.Context(), r.topic, "-", "+", 1).Result()
		require.NoError(r, err)
		require.NoError(r, r.look.XGroupCreate(r.Context(), r.topic, "group", "0").Err())
		require.NoError(r, r.look.XAck(r.Context(), r.topic, "group", first[0].ID).Err())
		stop()
		r.drop()

		r.run(r.outbox(nil))
		require.Equal(r, []string{"consumed", "unconsumed"}, r.await(2))
	})
}

func TestOnlyALostTailIsSentAgainThoughAnotherProducerWroteAfterIt(t *testing.T) {
	each(t, func(r *rig) {
		o := r.outbox(func(c *Config) { c.BatchSize = 4 })
		stop := r.run(o)
		ids := numbered("m", 10)
		r.publish(o, ids...)
		r.recordedAll(o)
		r.lose(3)
		r.produce("of another")
		stop() // and starts again
		stop = r.run(r.outbox(func(c *Config) { c.BatchSize = 4 }))
		r.await(11)
		stop()
		require.Equal(r, slices.Concat(ids[:7], []string{"of another"}, ids[7:]), r.stream())
	})
}

// verified gives an outbox that does not run, whose stream holds n messages that are all verified, and whose next check looks at two
// entries only; its clock; and another replica with a Redis client of its own, which runs.
func (r *rig) verified(n, batch int) (o, other *Outbox, now *clock.Manual) {
	r.Helper()
	now = clock.NewManual(time.Now())
	o = r.outbox(func(c *Config) { c.Clock, c.BatchSize = now, batch })
	other = r.outbox(func(c *Config) { c.Clock, c.Redis = now, r.look })
	r.run(other)
	r.publish(other, numbered("m", n)...)
	r.recordedAll(other)
	for range 4 { // candidate, verified, and the time after a broken connection is over
		r.checkOnce(o)
		now.Advance(settleTime)
	}
	trails, err := o.trails(r.Context())
	require.NoError(r, err)
	require.Len(r, trails, 1)
	require.Equal(r, numbered("m", n)[n-1], trails[0].verified.messageID)
	require.Equal(r, trails[0].newest, trails[0].verified)
	return o, other, now
}

func TestALossBelowNewerMessagesOfItsOwnIsFoundAfterABrokenConnection(t *testing.T) {
	each(t, func(r *rig) {
		o, other, _ := r.verified(3, 4)
		r.publish(other, numbered("n", 5)...)
		r.recordedAll(other)
		r.lose(2)
		// The newer ones fill whole batches, so that nothing but the verified entry tells how far back to look.
		r.publish(other, numbered("o", 20)...)
		r.recordedAll(other)
		want := slices.Concat(numbered("m", 3), numbered("n", 3), numbered("o", 20))
		r.checkOnce(o)
		require.Equal(r, want, r.stream(), "no loss comes without a broken connection, so nobody looks for one")

		r.line.cut()
		r.line.mend()
		r.checkOnce(o)
		require.Equal(r, append(want, "n00003", "n00004"), r.stream())
	})
}

func TestALostEntryThatIsRecordedAfterTheCheckIsStillFound(t *testing.T) {
	each(t, func(r *rig) {
		now := clock.NewManual(time.Now())
		o := r.outbox(func(c *Config) { c.Clock, c.BatchSize = now, 1 })
		other := r.outbox(func(c *Config) { c.Clock, c.Redis = now, r.look })
		r.publish(o, "late")
		var cursor position
		rows, _, err := o.claim(r.Context(), now.Now().Add(never).UnixMicro(), &cursor)
		require.NoError(r, err)
		sent, _, err := o.send(r.Context(), rows)
		require.NoError(r, err)
		r.lose(1)
		r.run(other)
		r.publish(other, "newer")
		r.eventually(func() bool { return r.unsent(o) == 1 })
		for range 3 {
			r.checkOnce(o)
			now.Advance(markTimeout / 3)
		}
		require.NoError(r, o.mark(r.Context(), sent))
		r.checkOnce(o)
		require.Equal(r, []string{"newer", "late"}, r.stream())
	})
}

func TestAVerifiedEntryThatIsGoneMakesTheCheckLookFurtherBack(t *testing.T) {
	each(t, func(r *rig) {
		o, other, _ := r.verified(7, 2)
		// All is lost, and a shared topic is there again with entries of another service, and of a replica of this one, before anyone looks.
		r.drop()
		r.produce("of another")
		r.publish(other, numbered("n", 5)...)
		r.recordedAll(other)
		r.checkOnce(o)
		require.Equal(r, slices.Concat([]string{"of another"}, numbered("n", 5), numbered("m", 7)), r.stream())
		trails, err := o.trails(r.Context())
		require.NoError(r, err)
		require.Empty(r, trails[0].verified.streamID, "what is gone verifies nothing")
	})
}

func TestACandidateThatIsGoneMakesTheCheckLookFurtherBack(t *testing.T) {
	each(t, func(r *rig) {
		o, other, now := r.verified(3, 2)
		r.exec(`DELETE FROM outbox_verified`)
		now.Advance(settleTime)
		o.loss.candidates = map[string]candidate{}
		r.checkOnce(o) // a new candidate
		r.drop()
		r.produce("of another")
		r.publish(other, "new")
		r.recordedAll(other)
		r.checkOnce(o)
		require.Equal(r, append([]string{"of another", "new"}, numbered("m", 3)...), r.stream())
	})
}

func TestAnEntryWithTheIdOfALostOneIsNotTakenForIt(t *testing.T) {
	each(t, func(r *rig) { // the clock of the replica that took over was behind
		o := r.outbox(nil)
		stop := r.run(o)
		r.publish(o, "a")
		r.recordedAll(o)
		stop()
		entries, err := r.look.XRange(r.Context(), r.topic, "-", "+").Result()
		require.NoError(r, err)
		r.drop()
		require.NoError(r, r.look.XAdd(r.Context(), &redis.XAddArgs{
			Stream: r.topic, ID: entries[0].ID, Values: []any{fieldUUID, "of another"},
		}).Err())
		r.checkOnce(o)
		require.Equal(r, []string{"of another", "a"}, r.stream())
	})
}

func TestTwoReplicasThatFindTheSameLossMostlySendItOnce(t *testing.T) {
	each(t, func(r *rig) {
		small := func(c *Config) { c.BatchSize = 5 }
		one, other := r.outbox(small), r.outbox(small)
		stop := r.run(one)
		ids := numbered("m", 40)
		r.publish(one, ids...)
		r.recordedAll(one)
		stop()
		r.drop()
		require.NoError(r, one.check(r.Context()))
		require.NoError(r, other.check(r.Context()))
		require.EqualValues(r, len(ids), r.unsent(one))
		require.NoError(r, other.sweep(r.Context(), time.Now()))
		require.NoError(r, one.sweep(r.Context(), time.Now()))
		require.Equal(r, ids, r.stream())
	})
}

func TestATopicIsCheckedOnItsOwn(t *testing.T) {
	each(t, func(r *rig) {
		o := r.outbox(nil)
		second := &rig{TB: r.TB, db: r.db, line: r.line, redis: r.redis, look: r.look, topic: "test." + rand.Text()}
		r.Cleanup(second.drop)
		stop := r.run(o)
		r.publish(o, "a")
		second.publish(o, "b")
		r.recordedAll(o)
		stop()
		second.drop()
		r.checkOnce(o)
		require.Equal(r, []string{"a"}, r.stream())
		require.Equal(r, []string{"b"}, second.stream())
	})
}

func TestARedisThatFailsAmidACheckLosesNothing(t *testing.T) {
	each(t, func(r *rig) {
		o := r.outbox(nil)
		stop := r.run(o)
		r.publish(o, "a")
		r.recordedAll(o)
		stop()
		r.line.cut()
		require.Error(r, o.check(r.Context()))
		require.Error(r, o.Healthy())
		require.Zero(r, r.unsent(o), "an entry is lost when Redis says so, not when Redis says nothing")
	})
}

func TestStreamIDsSortAsText(t *testing.T) {
	ids := []string{"0-0", "0-1", "9-5", "10-0", "1700000000000-9", "1700000000000-10", "18446744073709551615-18446744073709551615"}
	for i, id := range ids {
		require.Equal(t, id, unpadID(padID(id)))
		if i > 0 {
			require.Less(t, padID(ids[i-1]), padID(id))
			require.Negative(t, redisstream.CompareIDs(ids[i-1], id))
		}
	}
}
