package redisstream_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/redisstream"
)

// H1
func TestAMalformedEntryIsSetAside(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		publish(t, client, topic, "before")
		id, err := client.XAdd(t.Context(), &redis.XAddArgs{Stream: topic, Values: []any{"garbage", "\xff"}}).Result()
		require.NoError(t, err)
		publish(t, client, topic, "after")

		messages := subscribe(t, aSubscriber(t, brisk(client, "a")), topic)
		assert.Equal(t, []string{"before"}, receiveAll(t, messages, 1))
		parked := receive(t, messages)
		assert.Contains(t, parked.Metadata.Get(redisstream.MetadataUndecodable), "_watermill_message_uuid is missing")
		var entry redisstream.RawEntry
		require.NoError(t, json.Unmarshal(parked.Payload, &entry))
		assert.Equal(t, redisstream.RawEntry{
			Topic: topic, ID: id, Fields: []redisstream.RawField{{Name: "garbage", Base64: []byte{0xff}}},
		}, entry)
		parked.Ack()
		assert.Equal(t, []string{"after"}, receiveAll(t, messages, 1))
		nothingPending(t, client, topic)
	})
}

func TestTheUndecodableHookMayDealWithAnEntry(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		for _, value := range []string{"park", "drop"} {
			require.NoError(t, client.XAdd(t.Context(), &redis.XAddArgs{Stream: topic, Values: []any{"garbage", value}}).Err())
		}
		told := make(chan redisstream.RawEntry, 2)
		cfg := brisk(client, "a")
		cfg.Undecodable = func(_ context.Context, entry redisstream.RawEntry) error {
			told <- entry
			if entry.Fields[0].Text == "park" {
				return errors.New("park it")
			}
			return nil
		}
		messages := subscribe(t, aSubscriber(t, cfg), topic)
		msg := receive(t, messages)
		assert.NotEmpty(t, msg.Metadata.Get(redisstream.MetadataUndecodable))
		require.True(t, msg.Nack())
		again := receive(t, messages)
		assert.Equal(t, msg.UUID, again.UUID)
		again.Ack()
		nothingPending(t, client, topic)
		assert.Len(t, told, 2, "once an entry, not once a delivery")
	})
}

// H2. Nobody claims anything here: ClaimIdle is an hour.
func TestARestartedConsumerGoesOnAtOnceWithWhatItHeld(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		payloads := numbered("held", 25)
		publish(t, client, topic, payloads...)
		takeAs(t, client, topic, "a", 25)
		publish(t, client, topic, "new")

		cfg := brisk(client, "a")
		cfg.ClaimIdle, cfg.ClaimInterval = time.Hour, time.Hour
		cfg.BatchSize, cfg.MaxInFlight = 10, 10 // three pages
		messages := subscribe(t, aSubscriber(t, cfg), topic)
		assert.Equal(t, append(payloads, "new"), receiveAll(t, messages, 26))
		nothingPending(t, client, topic)
	})
}

// H4
func TestANackedMessageComesBackAfterABackoffAndBlocksNoOther(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		publish(t, client, topic, append([]string{"bad"}, numbered("good", 100)...)...)
		messages := subscribe(t, aSubscriber(t, brisk(client, "a")), topic)

		started, nacks := time.Now(), 0
		for good := 0; good < 100 || nacks < 5; {
			msg := receive(t, messages)
			if string(msg.Payload) != "bad" {
				good++
				msg.Ack()
				continue
			}
			nacks++
			msg.Metadata.Set("left by", "the handler before")
			require.True(t, msg.Nack())
		}
		// Four waits at least: half of 20 ms, then halves of 40 ms.
		assert.GreaterOrEqual(t, time.Since(started), 70*time.Millisecond, "no hot loop")
		last := receive(t, messages)
		assert.Equal(t, "bad", string(last.Payload))
		assert.Empty(t, last.Metadata, "each delivery is as it was sent")
		last.Ack()
		nothingPending(t, client, topic)
	})
}

func TestMessagesAreEmittedWithoutWaitingForAcksUpToALimit(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		publish(t, client, topic, numbered("m", 30)...)
		cfg := brisk(client, "a")
		cfg.BatchSize, cfg.MaxInFlight = 4, 10
		messages := subscribe(t, aSubscriber(t, cfg), topic)
		inFlight := make([]*message.Message, 10)
		for i := range inFlight {
			inFlight[i] = receive(t, messages)
		}
		assert.EqualValues(t, 10, pendingOf(client, topic), "no more is taken from the stream")
		select {
		case <-messages:
			assert.Fail(t, "an eleventh message")
		case <-time.After(50 * time.Millisecond):
		}
		for _, msg := range inFlight {
			msg.Ack()
		}
		receiveAll(t, messages, 20)
		nothingPending(t, client, topic)
	})
}

// ackGate counts the XACKs of a client and holds them back until it is opened.
type ackGate struct {
	redis.Hook
	open  chan struct{}
	count atomic.Int32
}

func (*ackGate) DialHook(next redis.DialHook) redis.DialHook { return next }
func (*ackGate) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (g *ackGate) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if cmd.Name() == "xack" {
			g.count.Add(1)
			<-g.open
		}
		return next(ctx, cmd)
	}
}

// H7
func TestAcksThatComeTogetherAreSentTogether(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		gate := &ackGate{open: make(chan struct{})}
		client.AddHook(gate)
		topic := aTopic(t, client)
		publish(t, client, topic, numbered("m", 200)...)
		messages := subscribe(t, aSubscriber(t, brisk(client, "a")), topic)
		receiveAll(t, messages, 200)
		close(gate.open)
		nothingPending(t, client, topic)
		assert.Less(t, gate.count.Load(), int32(20), "200 acks, all at hand when the first XACK returns")
	})
}

func TestTheContextOfAMessage(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		ids := publish(t, client, topic, "m")
		type key struct{}
		messages, err := aSubscriber(t, brisk(client, "a")).Subscribe(context.WithValue(t.Context(), key{}, "value"), topic)
		require.NoError(t, err)
		for _, settle := range []func(*message.Message) bool{(*message.Message).Nack, (*message.Message).Ack} {
			msg := receive(t, messages)
			assert.Equal(t, "value", msg.Context().Value(key{}))
			assert.Equal(t, ids[0], redisstream.EntryID(msg.Context()))
			assert.Equal(t, topic, redisstream.EntryTopic(msg.Context()))
			assert.Empty(t, msg.Metadata, "the metadata is the sender's")
			require.NoError(t, msg.Context().Err())
			settle(msg)
			<-msg.Context().Done()
		}
	})
	assert.Empty(t, redisstream.EntryID(t.Context()))
	assert.Empty(t, redisstream.EntryTopic(t.Context()))
}

func TestTwoSubscriptionsToATopicShareTheWork(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		cfg := brisk(client, "a")
		cfg.BatchSize, cfg.MaxInFlight = 1, 1
		sub := aSubscriber(t, cfg)
		one, two := subscribe(t, sub, topic), subscribe(t, sub, topic)
		publish(t, client, topic, "m1", "m2")
		first, second := receive(t, one), receive(t, two) // each has room for one
		assert.NotEqual(t, first.Payload, second.Payload)
		consumers, err := client.XInfoConsumers(t.Context(), topic, "service").Result()
		require.NoError(t, err)
		require.Len(t, consumers, 2)
		assert.Equal(t, "a", consumers[0].Name)
		assert.Equal(t, "a#2", consumers[1].Name)
		first.Ack()
		second.Ack()
		nothingPending(t, client, topic)
	})
}

func TestAnEntryThatWasDeletedWhilePendingIsAcknowledged(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		ids := publish(t, client, topic, "deleted", "there")
		takeAs(t, client, topic, "a", 2)
		require.NoError(t, client.XDel(t.Context(), topic, ids[0]).Err())
		messages := subscribe(t, aSubscriber(t, brisk(client, "a")), topic)
		assert.Equal(t, []string{"there"}, receiveAll(t, messages, 1))
		nothingPending(t, client, topic)
	})
}

// takeAs reads n new entries under a consumer's name and does nothing with them, like a process that is killed.
func takeAs(t *testing.T, client redis.UniversalClient, topic, consumer string, n int64) {
	t.Helper()
	err := client.XGroupCreateMkStream(t.Context(), topic, "service", "0").Err()
	if !redis.HasErrorPrefix(err, "BUSYGROUP") {
		require.NoError(t, err)
	}
	taken, err := client.XReadGroup(t.Context(), &redis.XReadGroupArgs{
		Group: "service", Consumer: consumer, Streams: []string{topic, ">"}, Count: n, Block: -1,
	}).Result()
	require.NoError(t, err)
	require.Len(t, taken[0].Messages, int(n))
}
