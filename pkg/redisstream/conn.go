package redisstream

import (
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// sharedBlockTime bounds a blocking read on a client whose connection can't be closed under it: that is how late such a subscription
// notices that it is to end.
const sharedBlockTime = 200 * time.Millisecond

// readConn is what a reader reads through.
type readConn struct {
	client    redis.UniversalClient
	blockTime time.Duration
	close     func() // ends a read in progress; more than once is no harm
}

// dedicate opens a connection of its own for a reader, with the options of the shared client. It is blocked most of the time, so it
// would keep a connection of the shared pool from the publishers, and it is closed to end a read in progress.
func dedicate(cfg *SubscriberConfig) readConn {
	own := func(client redis.UniversalClient) readConn {
		return readConn{
			client: client, blockTime: cfg.BlockTime,
			close: sync.OnceFunc(func() { _ = client.Close() }), // nothing is lost: entries on their way are pending, and read again
		}
	}
	switch shared := cfg.Client.(type) {
	case *redis.Client:
		options := *shared.Options()
		options.PoolSize, options.MinIdleConns = 1, 0
		options.MaxRetries = -1 // the reader has a backoff of its own
		return own(redis.NewClient(&options))
	case *redis.ClusterClient:
		options := *shared.Options()
		options.PoolSize, options.MinIdleConns = 1, 0
		return own(redis.NewClusterClient(&options))
	default:
		return readConn{client: cfg.Client, blockTime: min(cfg.BlockTime, sharedBlockTime), close: func() {}}
	}
}
