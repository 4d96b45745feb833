package redisstream_test

import (
	"context"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/redisstream"
)

// promptly is how soon what does not wait for a handler must be over, on a busy machine.
const promptly = 5 * time.Second

// S2
func TestARouterThatClosesLetsItsHandlerFinishAndKeepsItsAck(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		publish(t, client, topic, "m")
		router, err := message.NewRouter(message.RouterConfig{}, watermill.NopLogger{})
		require.NoError(t, err)
		running, finish := make(chan context.Context), make(chan struct{})
		sub := aSubscriber(t, brisk(client, "a"))
		router.AddConsumerHandler("handler", topic, sub, func(msg *message.Message) error {
			running <- msg.Context()
			<-finish
			return msg.Context().Err()
		})
		go func() { _ = router.Run(context.Background()) }()
		handling := <-running

		closed := make(chan error, 1)
		go func() { closed <- router.Close() }()
		eventually(t, "the subscriber is closing", func() bool { return sub.SubscribeInitialize(topic) != nil })
		require.NoError(t, handling.Err(), "the message's context lives on")
		close(finish)
		require.NoError(t, <-closed)
		assert.Zero(t, pendingOf(client, topic), "the ack was sent before Close returned")
	})
}

// S2, S3: also a drain that is longer than ClaimIdle gives nothing to a peer.
func TestWhatIsHandledDuringCloseIsNotTakenByAPeer(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		publish(t, client, topic, "slow")
		ctx, cancel := context.WithCancel(t.Context())
		messages, err := aSubscriber(t, narrow(client, "a", 1)).Subscribe(ctx, topic)
		require.NoError(t, err)
		slow := receive(t, messages)
		cancel()

		leaveAWitness(t, client, topic)
		others := subscribe(t, aSubscriber(t, brisk(client, "b")), topic)
		assert.Equal(t, []string{"witness"}, receiveAll(t, others, 1))
		require.NoError(t, slow.Context().Err())
		slow.Ack()
		_, open := <-messages
		assert.False(t, open)
		nothingPending(t, client, topic)
	})
}

func TestAfterCloseTimeoutWhatIsInFlightIsGivenUp(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		publish(t, client, topic, "stuck")
		cfg := brisk(client, "a")
		cfg.CloseTimeout = 50 * time.Millisecond
		sub := aSubscriber(t, cfg)
		messages := subscribe(t, sub, topic)
		stuck := receive(t, messages)
		require.NoError(t, sub.Close())
		require.ErrorIs(t, stuck.Context().Err(), context.Canceled)
		_, open := <-messages
		assert.False(t, open)
		assert.EqualValues(t, 1, pendingOf(client, topic), "it will be delivered again")
	})
}

func TestNothingIsEmittedOnceClosing(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		publish(t, client, topic, numbered("m", 20)...)
		sub := aSubscriber(t, narrow(client, "a", 10))
		messages := subscribe(t, sub, topic)
		receive(t, messages).Ack()
		require.NoError(t, sub.Close())
		_, open := <-messages
		assert.False(t, open, "the rest is not handed out")
		nothingTakenIsLost := pendingOf(client, topic)
		assert.Positive(t, nothingTakenIsLost)
	})
}

// withoutType hides what client it is, as a wrapper of another package would.
type withoutType struct{ redis.UniversalClient }

func TestCloseDoesNotWaitForABlockedRead(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		for name, given := range map[string]redis.UniversalClient{"client": client, "wrapped": withoutType{client}} {
			t.Run(name, func(t *testing.T) {
				topic := aTopic(t, client)
				cfg := brisk(given, "a")
				cfg.BlockTime, cfg.ClaimIdle, cfg.ClaimInterval = time.Hour, time.Hour, time.Hour
				sub := aSubscriber(t, cfg)
				messages := subscribe(t, sub, topic)
				publish(t, client, topic, "m")
				receiveAll(t, messages, 1)
				nothingPending(t, client, topic)

				started := time.Now()
				require.NoError(t, sub.Close())
				assert.Less(t, time.Since(started), promptly)
			})
		}
	})
}

func TestCloseDoesNotWaitForARedisThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	client := redis.NewClient(&redis.Options{Addr: aSilentServer(t)})
	t.Cleanup(func() { _ = client.Close() })
	cfg := brisk(client, "a")
	sub := aSubscriber(t, cfg)
	messages := subscribe(t, sub, "topic")
	started := time.Now()
	require.NoError(t, sub.Close())
	_, open := <-messages
	assert.False(t, open)
	assert.Less(t, time.Since(started), promptly)
}

// H6, S7 of the notes
func TestClosingTheSubscriberLeavesTheClientOpen(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		sub, other := aSubscriber(t, brisk(client, "a")), aSubscriber(t, brisk(client, "b"))
		subscribe(t, sub, topic)
		messages := subscribe(t, other, topic)
		require.NoError(t, sub.Close())
		require.NoError(t, sub.Close(), "twice is no harm")
		publish(t, client, topic, "m")
		assert.Equal(t, []string{"m"}, receiveAll(t, messages, 1))
	})
}

func TestACanceledSubscriptionEndsAlone(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		ended, other := aTopic(t, client), aTopic(t, client)
		sub := aSubscriber(t, brisk(client, "a"))
		ctx, cancel := context.WithCancel(t.Context())
		endedMessages, err := sub.Subscribe(ctx, ended)
		require.NoError(t, err)
		otherMessages := subscribe(t, sub, other)
		cancel()
		_, open := <-endedMessages
		assert.False(t, open)

		publish(t, client, other, "m")
		receiveAll(t, otherMessages, 1)
		publish(t, client, ended, "m")
		receiveAll(t, subscribe(t, sub, ended), 1)
	})
}

func TestAClosedSubscriberTakesNoSubscription(t *testing.T) {
	client := redis.NewClient(&redis.Options{})
	t.Cleanup(func() { _ = client.Close() })
	sub := aSubscriber(t, brisk(client, "a"))
	_, err := sub.Subscribe(t.Context(), "")
	require.ErrorContains(t, err, "topic")
	require.NoError(t, sub.Close())
	_, err = sub.Subscribe(t.Context(), "topic")
	require.ErrorIs(t, err, redisstream.ErrClosed)
	require.ErrorIs(t, sub.SubscribeInitialize("topic"), context.Canceled)
}
