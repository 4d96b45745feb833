package redisstream_test

import (
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/redisstream"
)

// leaveAWitness leaves an entry that a dead consumer took after those in question. Once a peer has claimed it, all that is older was due
// to be claimed as well, if it had not been renewed: a witness for the time that has passed. No live consumer may have room meanwhile.
func leaveAWitness(t *testing.T, client redis.UniversalClient, topic string) {
	t.Helper()
	publish(t, client, topic, "witness")
	takeAs(t, client, topic, "dead", 1)
}

// narrow is a consumer that holds at most n messages, so that a test knows who has what.
func narrow(client redis.UniversalClient, consumer string, n int) redisstream.SubscriberConfig {
	cfg := brisk(client, consumer)
	cfg.BatchSize, cfg.MaxInFlight = n, n
	return cfg
}

func TestWhatADeadConsumerHeldGoesToAPeer(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		payloads := numbered("m", 25)
		publish(t, client, topic, payloads...)
		takeAs(t, client, topic, "dead", 25)
		messages := subscribe(t, aSubscriber(t, narrow(client, "a", 10)), topic)
		assert.ElementsMatch(t, payloads, receiveAll(t, messages, 25), "in several pages")
		nothingPending(t, client, topic)
	})
}

// H5, S3
func TestASlowMessageAndThoseBehindItAreNotTakenByAPeer(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		publish(t, client, topic, "slow", "behind", "behind")
		own := subscribe(t, aSubscriber(t, narrow(client, "a", 3)), topic)
		slow := receive(t, own) // the others wait to be received
		leaveAWitness(t, client, topic)

		peer := aSubscriber(t, brisk(client, "b"))
		others := subscribe(t, peer, topic)
		assert.Equal(t, []string{"witness"}, receiveAll(t, others, 1))

		slow.Ack()
		assert.Equal(t, []string{"behind", "behind"}, receiveAll(t, own, 2))
		nothingPending(t, client, topic)
		require.NoError(t, peer.Close())
		_, open := <-others
		assert.False(t, open, "the peer got nothing but the witness")
	})
}

// S3: a consumer does not run its own slow message twice either.
func TestAConsumerDoesNotClaimWhatItHolds(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		publish(t, client, topic, "slow")
		messages := subscribe(t, aSubscriber(t, narrow(client, "a", 2)), topic)
		slow := receive(t, messages)
		// The entry looks as if it had not been renewed, as after a pause of the whole process.
		require.NoError(t, client.Do(t.Context(),
			"XCLAIM", topic, "service", "a", 0, redisstream.EntryID(slow.Context()), "IDLE", time.Hour.Milliseconds(), "JUSTID").Err())
		eventually(t, "it is renewed or claimed again", func() bool {
			pending, err := client.XPendingExt(t.Context(), &redis.XPendingExtArgs{
				Stream: topic, Group: "service", Start: "-", End: "+", Count: 1,
			}).Result()
			return err == nil && len(pending) == 1 && pending[0].Idle < time.Minute
		})
		publish(t, client, topic, "next")
		assert.Equal(t, []string{"next"}, receiveAll(t, messages, 1), "and not the slow one again")
		slow.Ack()
		nothingPending(t, client, topic)
	})
}

// After a long pause an entry may be a peer's: it is not taken back, and what the peer does with it counts.
func TestWhatAPeerHasTakenIsNotTakenBack(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		publish(t, client, topic, "taken", "kept")
		messages := subscribe(t, aSubscriber(t, narrow(client, "a", 2)), topic)
		taken, kept := receive(t, messages), receive(t, messages)
		require.NoError(t, client.XClaimJustID(t.Context(), &redis.XClaimArgs{
			Stream: topic, Group: "service", Consumer: "peer", Messages: []string{redisstream.EntryID(taken.Context())},
		}).Err())
		leaveAWitness(t, client, topic)
		others := subscribe(t, aSubscriber(t, brisk(client, "b")), topic)
		assert.Equal(t, []string{"taken", "witness"}, receiveAll(t, others, 2), "a renews only what is its own")
		taken.Ack()
		kept.Ack()
		nothingPending(t, client, topic)
	})
}

// S1
func TestAMessageThatAlwaysFailsStaysWithItsConsumer(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		publish(t, client, topic, "poison")
		first := aSubscriber(t, narrow(client, "a", 1))
		nacked := make(chan struct{}, 1)
		go func(messages <-chan *message.Message) {
			for msg := range messages {
				msg.Nack()
				select {
				case nacked <- struct{}{}:
				default:
				}
			}
		}(subscribe(t, first, topic))
		<-nacked
		leaveAWitness(t, client, topic)

		payloads := numbered("good", 50)
		publish(t, client, topic, payloads...)
		b := subscribe(t, aSubscriber(t, narrow(client, "b", 20)), topic)
		c := subscribe(t, aSubscriber(t, narrow(client, "c", 20)), topic)
		var got []string
		for len(got) < len(payloads)+1 {
			var msg *message.Message
			select {
			case msg = <-b:
			case msg = <-c:
			case <-time.After(patience):
				require.FailNow(t, "the others are blocked", "got %d", len(got))
			}
			got = append(got, string(msg.Payload))
			msg.Ack()
		}
		assert.ElementsMatch(t, append(payloads, "witness"), got)
		<-nacked // still with a
	})
}

// S9, and S10 of the notes. Nobody claims by time here: ClaimIdle is an hour.
func TestWhatAClosedConsumerHeldGoesToItsPeersAtOnce(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		slowly := func(consumer string) redisstream.SubscriberConfig {
			cfg := narrow(client, consumer, 10)
			cfg.ClaimIdle = time.Hour
			return cfg
		}
		payloads := numbered("m", 10)
		publish(t, client, topic, payloads...)
		leaving := aSubscriber(t, slowly("a"))
		messages := subscribe(t, leaving, topic)
		done, failed := receive(t, messages), receive(t, messages) // eight are not received
		publish(t, client, topic, "in a reply that was lost")
		takeAs(t, client, topic, "a", 1)

		closed := make(chan error, 1)
		go func() { closed <- leaving.Close() }()
		done.Ack()
		failed.Nack()
		require.NoError(t, <-closed)

		peer := subscribe(t, aSubscriber(t, slowly("b")), topic)
		assert.ElementsMatch(t, append(payloads[1:], "in a reply that was lost"), receiveAll(t, peer, 10))
		nothingPending(t, client, topic)
	})
}

// S5
func TestAQuietConsumerIsNotRemovedByItsPeers(t *testing.T) {
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		topic := aTopic(t, client)
		publish(t, client, topic, "m")
		quietOne := subscribe(t, aSubscriber(t, narrow(client, "a", 1)), topic)
		receiveAll(t, quietOne, 1)
		nothingPending(t, client, topic)
		publish(t, client, topic, "m")
		held := receive(t, quietOne) // no room, so the rest is the peer's

		publish(t, client, topic, numbered("m", 50)...)
		receiveAll(t, subscribe(t, aSubscriber(t, brisk(client, "b")), topic), 50)
		held.Ack()
		nothingPending(t, client, topic)
		consumers, err := client.XInfoConsumers(t.Context(), topic, "service").Result()
		require.NoError(t, err)
		assert.Len(t, consumers, 2)
	})
}
