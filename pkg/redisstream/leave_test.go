package redisstream_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/redisstream"
)

func consumersOf(t *testing.T, client redis.UniversalClient, topic string) (names []string) {
	t.Helper()
	consumers, err := client.XInfoConsumers(t.Context(), topic, "service").Result()
	require.NoError(t, err)
	for _, c := range consumers {
		names = append(names, c.Name)
	}
	return names
}

func TestAConsumerThatHasDoneItsWorkLeavesItsGroup(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		publish(t, client, topic, "m")
		sub := aSubscriber(t, brisk(client, "a"))
		receiveAll(t, subscribe(t, sub, topic), 1)
		require.Equal(t, []string{"a"}, consumersOf(t, client, topic))
		require.NoError(t, sub.Close())
		assert.Empty(t, consumersOf(t, client, topic))
		nothingPending(t, client, topic)
	})
}

func TestAConsumerThatLeavesWorkBehindStaysUntilItIsTaken(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		publish(t, client, topic, "m")
		sub := aSubscriber(t, brisk(client, "a"))
		messages := subscribe(t, sub, topic)
		go func() { receive(t, messages).Nack() }()
		eventually(t, "it is taken", func() bool { return pendingOf(client, topic) == 1 })
		require.NoError(t, sub.Close())
		require.Equal(t, []string{"a"}, consumersOf(t, client, topic))

		janitor, err := redisstream.NewJanitor(client, time.Hour, clock.System{})
		require.NoError(t, err)
		const however = -time.Hour // short ago it read: miniredis does not know
		gone, err := janitor.Forget(t.Context(), topic, however)
		require.NoError(t, err)
		assert.Zero(t, gone, "what it holds would be nobody's")

		peer := aSubscriber(t, brisk(client, "b"))
		receiveAll(t, subscribe(t, peer, topic), 1)
		nothingPending(t, client, topic)
		gone, err = janitor.Forget(t.Context(), topic, time.Hour)
		require.NoError(t, err)
		assert.Zero(t, gone, "it was there a moment ago")
		require.NoError(t, peer.Close())
		gone, err = janitor.Forget(t.Context(), topic, however)
		require.NoError(t, err)
		assert.EqualValues(t, 1, gone)
		assert.Empty(t, consumersOf(t, client, topic))

		gone, err = janitor.Forget(t.Context(), aTopic(t, client), however)
		require.NoError(t, err, "a stream that is not there")
		assert.Zero(t, gone)
	})
}
