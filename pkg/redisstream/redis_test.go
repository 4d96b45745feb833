package redisstream_test

import (
	"context"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/alicebob/miniredis/v2"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/redisstream"
)

// redisURL names a real Redis to run the tests on, too. They use random stream names and flush nothing.
const redisURL = "TEST_REDIS_URL"

// patience is how long a test waits for what must happen.
const patience = 15 * time.Second

// onEachRedis runs a test on miniredis, and on a real Redis if there is one.
func onEachRedis(t *testing.T, test func(t *testing.T, client *redis.Client)) {
	t.Helper()
	t.Run("miniredis", func(t *testing.T) {
		t.Parallel()
		test(t, connect(t, "redis://"+miniredis.RunT(t).Addr()))
	})
	t.Run("redis", func(t *testing.T) {
		url := os.Getenv(redisURL)
		if url == "" {
			t.Skip(redisURL + " is not set")
		}
		t.Parallel()
		test(t, connect(t, url))
	})
}

func connect(t testing.TB, url string) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(url)
	require.NoError(t, err)
	client := redis.NewClient(options)
	t.Cleanup(func() { _ = client.Close() }) // some tests close it themselves
	return client
}

// aTopic gives a stream name of its own, removed at the end.
func aTopic(t testing.TB, client redis.UniversalClient) string {
	t.Helper()
	topic := "test-" + uuid.NewString()
	t.Cleanup(func() { client.Del(context.Background(), topic) })
	return topic
}

// brisk is a configuration whose times a test can wait for.
func brisk(client redis.UniversalClient, consumer string) redisstream.SubscriberConfig {
	return redisstream.SubscriberConfig{
		Client: client, Group: "service", Consumer: consumer, Logger: quiet(),
		BlockTime: 100 * time.Millisecond, ClaimInterval: 50 * time.Millisecond,
		ClaimIdle: time.Second, KeepAliveInterval: 150 * time.Millisecond, // room for a busy machine
		CloseTimeout: patience, NackBackoffMin: 20 * time.Millisecond, NackBackoffMax: 40 * time.Millisecond,
	}
}

func quiet() *slog.Logger {
	if testing.Verbose() {
		return slog.Default()
	}
	return slog.New(slog.NewTextHandler(io.Discard, nil))
}

// aSubscriber is closed at the end of the test.
func aSubscriber(t testing.TB, cfg redisstream.SubscriberConfig) *redisstream.Subscriber {
	t.Helper()
	sub, err := redisstream.NewSubscriber(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { _ = sub.Close() })
	return sub
}

func subscribe(t testing.TB, sub *redisstream.Subscriber, topic string) <-chan *message.Message {
	t.Helper()
	messages, err := sub.Subscribe(context.Background(), topic)
	require.NoError(t, err)
	return messages
}

// publish writes one message a payload and gives the entry ids.
func publish(t testing.TB, client redis.UniversalClient, topic string, payloads ...string) []string {
	t.Helper()
	entries := make([]redisstream.Entry, len(payloads))
	for i, payload := range payloads {
		entries[i] = redisstream.Entry{Topic: topic, Message: message.NewMessage(uuid.NewString(), []byte(payload))}
	}
	ids, err := redisstream.NewPublisher(client, nil).PublishBatch(context.Background(), entries)
	require.NoError(t, err)
	return ids
}

// receive gives the next message.
func receive(t testing.TB, messages <-chan *message.Message) *message.Message {
	t.Helper()
	select {
	case msg, open := <-messages:
		require.True(t, open, "the channel is closed")
		return msg
	case <-time.After(patience):
		require.FailNow(t, "no message comes")
		return nil
	}
}

// receiveAll receives and acks n messages and gives their payloads, in the order they came.
func receiveAll(t testing.TB, messages <-chan *message.Message, n int) []string {
	t.Helper()
	payloads := make([]string, n)
	for i := range payloads {
		msg := receive(t, messages)
		payloads[i] = string(msg.Payload)
		require.True(t, msg.Ack())
	}
	return payloads
}

// eventually waits for a condition that Redis can be asked for.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	require.Eventually(t, condition, patience, 5*time.Millisecond, what)
}

// nothingPending waits until the group has no unacknowledged entry.
func nothingPending(t testing.TB, client redis.UniversalClient, topic string) {
	t.Helper()
	eventually(t, "everything is acknowledged", func() bool { return pendingOf(client, topic) == 0 })
}

func pendingOf(client redis.UniversalClient, topic string) int64 {
	pending, err := client.XPending(context.Background(), topic, "service").Result()
	if err != nil {
		return -1
	}
	return pending.Count
}

func numbered(prefix string, n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = prefix + strings.Repeat("i", i%7) + uuid.NewString()
	}
	return names
}
