package redisstream_test

import (
	"io"
	"log"
	"strings"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/tests"
	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/redisstream"
)

// TestWatermillsOwnSuite runs the suite that every Watermill Pub/Sub passes. Unlike in the stock module's run of it, all Pub/Subs of a
// test are one consumer group, so that what one leaves behind must reach the next.
func TestWatermillsOwnSuite(t *testing.T) {
	log.SetOutput(io.Discard) // the suite logs each message
	onEachRedis(t, func(t *testing.T, client *redis.Client) {
		inGroup := func(t *testing.T, group string) (message.Publisher, message.Subscriber) {
			cfg := brisk(client, "consumer-"+uuid.NewString())
			cfg.Group = group
			cfg.ClaimIdle = 2 * time.Second // fifty consumers on two busy cores
			cfg.ClaimInterval = 200 * time.Millisecond
			cfg.CloseTimeout = 300 * time.Millisecond // the suite closes with messages in flight, and waits for the context's end
			sub, err := redisstream.NewSubscriber(cfg)
			require.NoError(t, err)
			return redisstream.NewPublisher(client, quiet()), sub
		}
		tests.TestPubSub(t, tests.Features{
			ConsumerGroups: true,
			Persistent:     true,
		}, func(t *testing.T) (message.Publisher, message.Subscriber) {
			return inGroup(t, strings.ReplaceAll(t.Name(), "/", "-"))
		}, inGroup)
	})
}
