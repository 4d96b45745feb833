package redisstream_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	stock "github.com/ThreeDotsLabs/watermill-redisstream/pkg/redisstream"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/redisstream"
)

// S4
func TestALostStreamIsReadAgain(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		publish(t, client, topic, "m1", "m2")
		messages := subscribe(t, aSubscriber(t, brisk(client, "a")), topic)
		receiveAll(t, messages, 1)
		inFlight := receive(t, messages)

		require.NoError(t, client.Del(t.Context(), topic).Err())
		inFlight.Ack() // of an entry that is no more
		publish(t, client, topic, "m3")
		assert.Equal(t, []string{"m3"}, receiveAll(t, messages, 1))
		nothingPending(t, client, topic)
	})
}

// S4
func TestALostGroupReadsTheStreamFromItsBeginning(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		publish(t, client, topic, "m1")
		messages := subscribe(t, aSubscriber(t, brisk(client, "a")), topic)
		receiveAll(t, messages, 1)
		nothingPending(t, client, topic)
		require.NoError(t, client.XGroupDestroy(t.Context(), topic, "service").Err())
		publish(t, client, topic, "m2")
		assert.Equal(t, []string{"m1", "m2"}, receiveAll(t, messages, 2), "again, rather than never")
		nothingPending(t, client, topic)
	})
}

func TestTheGroupCanBeMadeBeforeTheFirstRead(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		sub := aSubscriber(t, brisk(client, "a"))
		require.NoError(t, sub.SubscribeInitialize(topic))
		require.NoError(t, sub.SubscribeInitialize(topic), "twice is no harm")
		groups, err := client.XInfoGroups(t.Context(), topic).Result()
		require.NoError(t, err)
		require.Len(t, groups, 1)
		assert.Equal(t, "service", groups[0].Name)
	})
}

func TestARedisThatIsAwayEndsNoSubscription(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	client := connect(t, "redis://"+server.Addr())
	topic := aTopic(t, client)
	server.Close()
	messages := subscribe(t, aSubscriber(t, brisk(client, "a")), topic) // a process may start before its Redis

	restart(t, server)
	publish(t, client, topic, "m1", "m2", "m3")
	receiveAll(t, messages, 1)
	inFlight := receive(t, messages)

	server.Close()
	inFlight.Ack()
	restart(t, server)
	publish(t, client, topic, "m4")
	assert.Equal(t, []string{"m3", "m4"}, receiveAll(t, messages, 2))
	nothingPending(t, client, topic)
}

// restart is Restart for a server whose blocking reads answer again: miniredis leaves them the context that Close has canceled.
func restart(t *testing.T, server *miniredis.Miniredis) {
	t.Helper()
	server.Lock()
	server.Ctx, server.CtxCancel = context.WithCancel(context.Background())
	server.Unlock()
	require.NoError(t, server.Restart())
}

func TestErrorsOfRedisEndNoSubscription(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	client := connect(t, "redis://"+server.Addr())
	gate := &ackGate{open: make(chan struct{})}
	close(gate.open)
	client.AddHook(gate)
	topic := aTopic(t, client)
	publish(t, client, topic, "m1")
	messages := subscribe(t, aSubscriber(t, brisk(client, "a")), topic)

	first := receive(t, messages)
	server.SetError("LOADING Redis is loading the dataset in memory")
	first.Ack()
	eventually(t, "the ack is tried again", func() bool { return gate.count.Load() > 1 })
	server.SetError("")
	nothingPending(t, client, topic)
	publish(t, client, topic, "m2")
	assert.Equal(t, []string{"m2"}, receiveAll(t, messages, 1))
}

func TestCloseGivesUpItsAcksWhenRedisIsAway(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	client := connect(t, "redis://"+server.Addr())
	topic := aTopic(t, client)
	publish(t, client, topic, "m")
	sub := aSubscriber(t, brisk(client, "a"))
	msg := receive(t, subscribe(t, sub, topic))
	server.Close()
	msg.Ack()
	started := time.Now()
	require.NoError(t, sub.Close())
	assert.Less(t, time.Since(started), 2*promptly)
}

func TestAStockPeerReadsWhatWeWrite(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		theirs := connect(t, fmt.Sprintf("redis://%s/%d", client.Options().Addr, client.Options().DB)) // which the stock subscriber closes
		sub, err := stock.NewSubscriber(stock.SubscriberConfig{
			Client: theirs, ConsumerGroup: "stock", Consumer: "a", DisableIndefiniteInitialBlock: true,
		}, watermill.NopLogger{})
		require.NoError(t, err)
		t.Cleanup(func() { _ = sub.Close() })
		messages, err := sub.Subscribe(t.Context(), topic)
		require.NoError(t, err)

		pub := redisstream.NewPublisher(client, nil)
		for _, sent := range someMessages() {
			require.NoError(t, pub.Publish(topic, sent))
			got := receive(t, messages)
			assert.True(t, got.Equals(sent), "%+v", got)
			got.Ack()
		}
	})
}

func TestWeReadWhatAStockPeerWrites(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		pub, err := stock.NewPublisher(stock.PublisherConfig{Client: client}, watermill.NopLogger{})
		require.NoError(t, err)
		messages := subscribe(t, aSubscriber(t, brisk(client, "a")), topic)
		for _, sent := range someMessages() {
			require.NoError(t, pub.Publish(topic, sent))
			got := receive(t, messages)
			assert.True(t, got.Equals(sent), "%+v", got)
			got.Ack()
		}
	})
}

func someMessages() []*message.Message {
	full := message.NewMessage("uuid", []byte("\x00\xff payload"))
	full.Metadata.Set("name", "mallbots.orders.v1.OrderPlaced")
	full.Metadata.Set("ключ", "значение")
	full.Metadata.Set("empty", "")
	return []*message.Message{full, message.NewMessage("no metadata", []byte("p")), message.NewMessage("no payload", nil)}
}
