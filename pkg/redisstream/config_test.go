package redisstream_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/redisstream"
)

func TestASettingThatCantWorkIsNamed(t *testing.T) {
	client := redis.NewClient(&redis.Options{})
	t.Cleanup(func() { _ = client.Close() })
	for name, spoil := range map[string]func(*redisstream.SubscriberConfig){
		"Client":            func(c *redisstream.SubscriberConfig) { c.Client = nil },
		"Group":             func(c *redisstream.SubscriberConfig) { c.Group = "" },
		"Consumer":          func(c *redisstream.SubscriberConfig) { c.Consumer = "" },
		"BatchSize":         func(c *redisstream.SubscriberConfig) { c.BatchSize = -1 },
		"MaxInFlight":       func(c *redisstream.SubscriberConfig) { c.BatchSize, c.MaxInFlight = 10, 9 },
		"BlockTime":         func(c *redisstream.SubscriberConfig) { c.BlockTime = time.Microsecond },
		"ClaimIdle":         func(c *redisstream.SubscriberConfig) { c.ClaimIdle = -1 },
		"ClaimInterval":     func(c *redisstream.SubscriberConfig) { c.ClaimInterval = -1 },
		"KeepAliveInterval": func(c *redisstream.SubscriberConfig) { c.KeepAliveInterval = 10 * time.Second },
		"CloseTimeout":      func(c *redisstream.SubscriberConfig) { c.CloseTimeout = -1 },
		"NackBackoffMin":    func(c *redisstream.SubscriberConfig) { c.NackBackoffMin = -1 },
		"NackBackoffMax":    func(c *redisstream.SubscriberConfig) { c.NackBackoffMin, c.NackBackoffMax = 2, 1 },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := redisstream.SubscriberConfig{Client: client, Group: "service", Consumer: "a"}
			_, err := redisstream.NewSubscriber(cfg)
			require.NoError(t, err, "the defaults work")
			spoil(&cfg)
			_, err = redisstream.NewSubscriber(cfg)
			require.ErrorContains(t, err, name)
		})
	}
}

func TestALargeBatchWidensTheWindow(t *testing.T) {
	client := redis.NewClient(&redis.Options{})
	t.Cleanup(func() { _ = client.Close() })
	_, err := redisstream.NewSubscriber(redisstream.SubscriberConfig{
		Client: client, Group: "service", Consumer: "a", BatchSize: 1000, NackBackoffMin: time.Minute,
	})
	require.NoError(t, err, "defaults follow what is set")
}
