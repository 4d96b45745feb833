package redisstream_test

import (
	"context"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	stock "github.com/ThreeDotsLabs/watermill-redisstream/pkg/redisstream"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/alicebob/miniredis/v2"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/redisstream"
)

// The benchmarks run on TEST_REDIS_URL, else on miniredis: go test -run - -bench . ./redisstream/

func benchRedis(b *testing.B) *redis.Client {
	b.Helper()
	if url := os.Getenv(redisURL); url != "" {
		return connect(b, url)
	}
	return connect(b, "redis://"+miniredis.RunT(b).Addr())
}

// anOrder is a message of usual size: 200 bytes of payload, the headers of tracing and causation.
func anOrder() *message.Message {
	msg := message.NewMessage(uuid.NewString(), make([]byte, 200))
	msg.Metadata.Set("name", "mallbots.orders.v1.OrderPlaced")
	msg.Metadata.Set("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	msg.Metadata.Set("causation_id", uuid.NewString())
	return msg
}

func BenchmarkPublisher(b *testing.B) {
	for _, size := range []int{1, 100, 500} {
		b.Run("ours/batch="+strconv.Itoa(size), func(b *testing.B) {
			client := benchRedis(b)
			pub, topic := redisstream.NewPublisher(client, nil), aTopic(b, client)
			entries := make([]redisstream.Entry, size)
			for i := range entries {
				entries[i] = redisstream.Entry{Topic: topic, Message: anOrder()}
			}
			for n := 0; b.Loop(); n++ {
				_, err := pub.PublishBatch(context.Background(), entries)
				require.NoError(b, err)
				trimNowAndThen(b, client, topic, n*size)
			}
			perSecond(b, size)
		})
	}
	b.Run("stock/batch=100", func(b *testing.B) {
		client := benchRedis(b)
		pub, err := stock.NewPublisher(stock.PublisherConfig{Client: client}, nil)
		require.NoError(b, err)
		topic, batch := aTopic(b, client), make([]*message.Message, 100)
		for i := range batch {
			batch[i] = anOrder()
		}
		for n := 0; b.Loop(); n++ {
			require.NoError(b, pub.Publish(topic, batch...))
			trimNowAndThen(b, client, topic, n*len(batch))
		}
		perSecond(b, len(batch))
	})
}

func BenchmarkSubscriber(b *testing.B) {
	b.Run("ours", func(b *testing.B) {
		client := benchRedis(b)
		cfg := redisstream.SubscriberConfig{Client: client, Group: "service", Consumer: "bench"}
		consume(b, client, aSubscriber(b, cfg))
	})
	b.Run("stock", func(b *testing.B) {
		client := benchRedis(b)
		sub, err := stock.NewSubscriber(
			stock.SubscriberConfig{Client: client, ConsumerGroup: "service", Consumer: "bench"}, watermill.NopLogger{})
		require.NoError(b, err)
		b.Cleanup(func() { _ = sub.Close() })
		consume(b, client, sub)
	})
}

// consume measures how fast a backlog is received and acked.
func consume(b *testing.B, client redis.UniversalClient, sub message.Subscriber) {
	b.Helper()
	topic := aTopic(b, client)
	pub, entries := redisstream.NewPublisher(client, nil), make([]redisstream.Entry, 0, 500)
	for sent := 0; sent < b.N; sent += len(entries) {
		entries = entries[:0]
		for range min(cap(entries), b.N-sent) {
			entries = append(entries, redisstream.Entry{Topic: topic, Message: anOrder()})
		}
		_, err := pub.PublishBatch(context.Background(), entries)
		require.NoError(b, err)
	}

	b.ResetTimer()
	messages, err := sub.Subscribe(context.Background(), topic)
	require.NoError(b, err)
	for range b.N {
		(<-messages).Ack()
	}
	nothingPending(b, client, topic)
	b.StopTimer()
	perSecond(b, 1)
}

func perSecond(b *testing.B, each int) {
	b.Helper()
	b.ReportMetric(float64(b.N*each)/b.Elapsed().Seconds(), "msg/s")
}

// trimNowAndThen bounds the memory of a long run.
func trimNowAndThen(b *testing.B, client redis.UniversalClient, topic string, sent int) {
	b.Helper()
	if sent%50_000 == 0 {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		require.NoError(b, client.XTrimMaxLen(ctx, topic, 0).Err())
	}
}
