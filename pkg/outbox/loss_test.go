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

func TestALossBelowNewerMessagesOfItsOwnIsFoundAfterABrokenConnection(t *testing.T) {
	each(t, func(r *rig) {
		now := clock.NewManual(time.Now())
		o := r.outbox(func(c *Config) { c.BatchSize, c.CheckInterval, c.Clock = 4, soon, now })
		stop := r.run(o)
		r.publish(o, numbered("m", 5)...)
		r.recordedAll(o)
		r.lose(2)
		// The newer ones fill whole batches, so that nothing but the verified entry tells how far back to look.
		other := r.outbox(func(c *Config) { c.Redis, c.Clock = r.look, now })
		stopOther := r.run(other)
		r.publish(other, numbered("n", 20)...)
		r.recordedAll(other)
		stopOther()
		r.line.cut()
		r.line.mend()
		r.await(25)
		stop()
		require.ElementsMatch(r, append(numbered("m", 5), numbered("n", 20)...), dedupe(r.stream()))
	})
}

func TestACheckLooksAtTwoEntriesOnlyOnceAllIsVerified(t *testing.T) {
	each(t, func(r *rig) {
		now := clock.NewManual(time.Now())
		o := r.outbox(func(c *Config) { c.Clock = now })
		stop := r.run(o)
		r.publish(o, numbered("m", 3)...)
		r.recordedAll(o)
		stop()
		for range 4 { // candidate, verified, and the time after a broken connection is over
			r.checkOnce(o)
			now.Advance(settleTime)
		}
		trails, err := o.trails(r.Context())
		require.NoError(r, err)
		require.Len(r, trails, 1)
		require.Equal(r, "m00002", trails[0].verified.messageID)
		require.Equal(r, trails[0].newest, trails[0].verified)

		// A hole without any broken connection can't be. Made here, it shows that only a check that looks at each entry finds it.
		r.exec(`UPDATE outbox SET stream_id = '00000000000000000001-00000000000000000001' WHERE id = $1`, "m00001")
		r.checkOnce(o)
		require.Equal(r, numbered("m", 3), r.stream())
		r.exec(`DELETE FROM outbox_verified`)
		o.loss.reconnected = true
		r.checkOnce(o)
		require.Equal(r, append(numbered("m", 3), "m00001"), r.stream())
	})
}

func TestAVerifiedEntryThatIsGoneMakesTheCheckLookFurtherBack(t *testing.T) {
	each(t, func(r *rig) {
		now := clock.NewManual(time.Now())
		o := r.outbox(func(c *Config) { c.Clock, c.BatchSize = now, 2 })
		stop := r.run(o)
		ids := numbered("m", 7)
		r.publish(o, ids...)
		r.recordedAll(o)
		stop()
		for range 4 {
			r.checkOnce(o)
			now.Advance(settleTime)
		}
		// All is lost, without a broken connection. A shared topic is there again, and this service has sent to it, before anyone looks.
		r.drop()
		r.produce("of another")
		o.known.set(r.topic, true)
		stop = r.run(o)
		r.publish(o, "new")
		r.recordedAll(o)
		stop()
		r.checkOnce(o)
		require.ElementsMatch(r, append(ids, "of another", "new"), dedupe(r.stream()))
		trails, err := o.trails(r.Context())
		require.NoError(r, err)
		require.Empty(r, trails[0].verified.streamID, "what is gone verifies nothing")
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

func dedupe(ids []string) []string {
	slices.Sort(ids)
	return slices.Compact(ids)
}
