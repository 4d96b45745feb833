package redisstream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"
)

// Defaults of a SubscriberConfig.
const (
	// Reading is limited by round trips below some tens of entries and by decoding from 100 on (H7: 63 k/s against 5-7 k/s).
	defaultBatchSize = 100
	// Two batches in handlers, while the reader has half a third ready. What a consumer holds its peers can't take: more would only
	// make the work of a group uneven.
	defaultMaxInFlight = 256
	// 50 idle subscriptions cost 35 commands/s with it, 281 with 100 ms. It delays nothing: an entry and Close both end a blocked read.
	defaultBlockTime = 2 * time.Second
	// How long the messages of a killed process wait for a peer, at most: far from the minute of the stock subscriber, and longer than
	// a pause of a live process (garbage collection, a busy machine) ought to be, three renewals of its claims included.
	defaultClaimIdle = 15 * time.Second
	// Within CloseTimeout a handler that obeys its deadline (a unit of work, some gRPC calls) is done; Kubernetes kills after 30 s.
	defaultCloseTimeout = 10 * time.Second
	// A nacked message waits for something outside to get well (database, peer). At once it would find it as it was ...
	defaultNackBackoffMin = 100 * time.Millisecond
	// ... and beyond this it would keep a system waiting that is well again.
	defaultNackBackoffMax = 10 * time.Second

	// Claims are renewed three times within ClaimIdle, so that one lost renewal does not matter. Peers look for abandoned entries as often.
	renewalsPerClaimIdle = 3
)

// SubscriberConfig says how a Subscriber reads. Client, Group and Consumer are needed, zero values of the others are the defaults.
type SubscriberConfig struct {
	Client redis.UniversalClient // stays the caller's; one more connection a subscription is opened with its options
	Group  string                // consumer group, one a service: each message goes to one consumer of it
	// Consumer names this process in the group. Two live processes must not share a name. A process that restarts under its old name
	// goes on at once with what it had in flight; under a new name its peers do, after ClaimIdle.
	Consumer string
	Logger   *slog.Logger // nil: no log

	BatchSize   int // most entries a read, default 100
	MaxInFlight int // most messages a subscription that are handed out or on their way and not yet acked, default 256

	BlockTime         time.Duration // how long one read waits for entries, default 2 s
	ClaimIdle         time.Duration // entries not renewed for this long are taken from their consumer, default 15 s; the same in the whole group
	ClaimInterval     time.Duration // between two searches for such entries, default ClaimIdle/3
	KeepAliveInterval time.Duration // between two renewals of what this process holds, default ClaimIdle/3
	CloseTimeout      time.Duration // how long messages in flight may take to be acked when a subscription ends, default 10 s

	NackBackoffMin time.Duration // wait before the first redelivery of a nacked message, then doubled; default 100 ms
	NackBackoffMax time.Duration // most of that wait, default 10 s

	// Undecodable, if set, is told of each entry that can't be decoded, before it is emitted as a message of its own kind (see
	// MetadataUndecodable). With nil it has dealt with the entry, which is acknowledged and not emitted. It must be quick: emission waits.
	Undecodable func(ctx context.Context, entry RawEntry) error
}

func (c *SubscriberConfig) setDefaults() {
	c.Logger = orDiscard(c.Logger)
	orDefault(&c.BatchSize, defaultBatchSize)
	orDefault(&c.MaxInFlight, max(defaultMaxInFlight, c.BatchSize))
	orDefault(&c.BlockTime, defaultBlockTime)
	orDefault(&c.ClaimIdle, defaultClaimIdle)
	orDefault(&c.ClaimInterval, c.ClaimIdle/renewalsPerClaimIdle)
	orDefault(&c.KeepAliveInterval, c.ClaimIdle/renewalsPerClaimIdle)
	orDefault(&c.CloseTimeout, defaultCloseTimeout)
	orDefault(&c.NackBackoffMin, defaultNackBackoffMin)
	orDefault(&c.NackBackoffMax, max(defaultNackBackoffMax, c.NackBackoffMin))
}

func orDefault[T int | time.Duration](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}

// Validate names each setting that can't work.
func (c *SubscriberConfig) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf("redisstream: "+format, args...))
		}
	}
	check(c.Client != nil, "Client is missing")
	check(c.Group != "", "Group is missing")
	check(c.Consumer != "", "Consumer is missing")
	check(c.BatchSize > 0, "BatchSize %d must be positive", c.BatchSize)
	check(c.MaxInFlight >= c.BatchSize, "MaxInFlight %d must be at least BatchSize %d", c.MaxInFlight, c.BatchSize)
	// Redis counts in whole milliseconds, and 0 means for ever.
	check(c.BlockTime >= time.Millisecond, "BlockTime %v must be at least 1ms", c.BlockTime)
	check(c.ClaimIdle >= time.Millisecond, "ClaimIdle %v must be at least 1ms", c.ClaimIdle)
	check(c.ClaimInterval > 0, "ClaimInterval %v must be positive", c.ClaimInterval)
	check(c.KeepAliveInterval > 0 && c.KeepAliveInterval <= c.ClaimIdle/2,
		"KeepAliveInterval %v must be positive and at most half of ClaimIdle %v, else peers take what is being handled",
		c.KeepAliveInterval, c.ClaimIdle)
	check(c.CloseTimeout > 0, "CloseTimeout %v must be positive", c.CloseTimeout)
	check(c.NackBackoffMin > 0, "NackBackoffMin %v must be positive", c.NackBackoffMin)
	check(c.NackBackoffMax >= c.NackBackoffMin, "NackBackoffMax %v must be at least NackBackoffMin %v", c.NackBackoffMax, c.NackBackoffMin)
	return errors.Join(errs...)
}
