package redisstream_test

import (
	"context"
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/redisstream"
)

// roundTrips counts the pipelines of XADD that a client sends.
type roundTrips struct {
	redis.Hook
	count atomic.Int32
}

func (*roundTrips) DialHook(next redis.DialHook) redis.DialHook          { return next }
func (*roundTrips) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (r *roundTrips) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if cmds[0].Name() == "xadd" { // not the handshake of a new connection
			r.count.Add(1)
		}
		return next(ctx, cmds)
	}
}

func anEntry(topic, payload string) redisstream.Entry {
	return redisstream.Entry{Topic: topic, Message: message.NewMessage(uuid.NewString(), []byte(payload))}
}

func payloadAt(t *testing.T, client redis.UniversalClient, topic, id string) any {
	t.Helper()
	found, err := client.XRange(t.Context(), topic, id, id).Result()
	require.NoError(t, err)
	require.Len(t, found, 1)
	return found[0].Values["payload"]
}

// H9
func TestABatchOverManyTopicsIsOneRoundTrip(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		trips := &roundTrips{}
		client.AddHook(trips)
		topics := []string{aTopic(t, client), aTopic(t, client), aTopic(t, client)}
		entries := make([]redisstream.Entry, 300)
		for i := range entries {
			entries[i] = anEntry(topics[i%len(topics)], fmt.Sprint(i))
		}
		ids, err := redisstream.NewPublisher(client, nil).PublishBatch(t.Context(), entries)
		require.NoError(t, err)
		assert.EqualValues(t, 1, trips.count.Load())
		for i, id := range ids {
			assert.Equal(t, fmt.Sprint(i), payloadAt(t, client, entries[i].Topic, id), "the ids are in the order of the batch")
		}
	})
}

func TestABatchBeyondTheLimitIsSplit(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		trips := &roundTrips{}
		client.AddHook(trips)
		topic := aTopic(t, client)
		ids := publish(t, client, topic, numbered("m", 1001)...)
		assert.Len(t, ids, 1001)
		assert.EqualValues(t, 3, trips.count.Load(), "500 in a round trip")
		length, err := client.XLen(t.Context(), topic).Result()
		require.NoError(t, err)
		assert.EqualValues(t, 1001, length)
	})
}

func TestThePartsOfABatchThatFailAreNamed(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		good, noStream := aTopic(t, client), aTopic(t, client)
		require.NoError(t, client.Set(t.Context(), noStream, "a string", time.Minute).Err())
		ids, err := redisstream.NewPublisher(client, quiet()).PublishBatch(t.Context(), []redisstream.Entry{
			anEntry(good, "a"), anEntry(noStream, "b"), anEntry("", "c"), anEntry(good, "d"),
		})
		var failed *redisstream.BatchError
		require.ErrorAs(t, err, &failed)
		require.Len(t, failed.Failures, 2)
		assert.Equal(t, 1, failed.Failures[0].Index)
		assert.ErrorContains(t, failed.Failures[0].Err, "WRONGTYPE")
		assert.Equal(t, 2, failed.Failures[1].Index)
		assert.ErrorContains(t, err, "2 of 4 messages not published")
		assert.ErrorContains(t, err, "topic is empty")

		assert.Equal(t, []string{"", ""}, ids[1:3])
		assert.Equal(t, "a", payloadAt(t, client, good, ids[0]))
		assert.Equal(t, "d", payloadAt(t, client, good, ids[3]), "what follows a failure is sent")
	})
}

func TestALostStreamIsNoticedAndNotMadeAgain(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		there, lost := aTopic(t, client), aTopic(t, client)
		publish(t, client, there, "first")
		entries := []redisstream.Entry{anEntry(lost, "a"), anEntry(there, "b")}
		entries[0].NoMakeStream, entries[1].NoMakeStream = true, true

		ids, err := redisstream.NewPublisher(client, nil).PublishBatch(t.Context(), entries)
		require.ErrorIs(t, err, redisstream.ErrNoStream)
		assert.Empty(t, ids[0])
		assert.Equal(t, "b", payloadAt(t, client, there, ids[1]))
		_, exists, err := redisstream.LastID(t.Context(), client, lost)
		require.NoError(t, err)
		assert.False(t, exists)
	})
}

func TestABatchErrorStaysALine(t *testing.T) {
	failed := &redisstream.BatchError{Size: 500}
	for i := range 500 {
		failed.Failures = append(failed.Failures, redisstream.Failure{Index: i, Topic: "t", UUID: "u", Err: redisstream.ErrNoStream})
	}
	assert.Less(t, len(failed.Error()), 300)
	assert.ErrorContains(t, failed, "and 497 more")
}

// H8. The server accepts connections and never answers: the client's own timeouts would end a call after many seconds.
func TestPublishingEndsWithItsContext(t *testing.T) {
	client := redis.NewClient(&redis.Options{Addr: aSilentServer(t)})
	t.Cleanup(func() { _ = client.Close() })
	pub := redisstream.NewPublisher(client, nil)

	started := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	ids, err := pub.PublishBatch(ctx, []redisstream.Entry{anEntry("topic", "a")})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Equal(t, []string{""}, ids)

	patient, hasty := message.NewMessage("1", nil), message.NewMessageWithContext(ctx, "2", nil)
	require.ErrorIs(t, pub.Publish("topic", patient, hasty), context.Canceled, "the context of each message counts")
	assert.Less(t, time.Since(started), 2*time.Second)
}

func TestPublishingWithAContextThatIsDoneSendsNothing(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := redisstream.NewPublisher(client, nil).Publish(topic, message.NewMessageWithContext(ctx, "1", nil))
		require.ErrorIs(t, err, context.Canceled)
		_, exists, err := redisstream.LastID(t.Context(), client, topic)
		require.NoError(t, err)
		assert.False(t, exists)
	})
}

// H6
func TestClosingThePublisherLeavesTheClientOpen(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		pub := redisstream.NewPublisher(client, nil)
		require.NoError(t, pub.Publish("unused"))
		require.NoError(t, pub.Close())
		require.NoError(t, pub.Close())
		require.ErrorIs(t, pub.Publish(aTopic(t, client), message.NewMessage("1", nil)), redisstream.ErrClosed)
		require.NoError(t, client.Ping(t.Context()).Err())
	})
}

// Redis keeps the names once for neighboring entries only if they come in the same order.
func TestEveryEntryHasItsFieldsInTheSameOrder(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		publish(t, client, topic, numbered("m", 50)...)
		reply, err := client.Do(t.Context(), "XRANGE", topic, "-", "+").Slice()
		require.NoError(t, err)
		require.Len(t, reply, 50)
		for _, entry := range reply {
			fields := entry.([]any)[1].([]any) //nolint:forcetypeassert // the shape of XRANGE; a panic fails the test
			require.Len(t, fields, 6)
			assert.Equal(t, []any{"_watermill_message_uuid", "metadata", "payload"}, []any{fields[0], fields[2], fields[4]})
		}
	})
}

// aSilentServer accepts connections and answers nothing.
func aSilentServer(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
		}
	}()
	return listener.Addr().String()
}
