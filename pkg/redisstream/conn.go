package redisstream

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// sharedBlockTime bounds a blocking read on a client whose connection can't be cut under it: that is how late such a subscription
// notices that it is to end.
const sharedBlockTime = 200 * time.Millisecond

// readConn is what a reader reads through.
type readConn struct {
	client    redis.UniversalClient
	blockTime time.Duration
	interrupt func() // ends a command in progress, and refuses further ones
	close     func()
}

// dedicate opens a connection of its own for a reader, with the options of the shared client. It is blocked most of the time, so it
// would keep a connection of the shared pool from the publishers, and it is cut to end a read in progress. What Redis may have put on
// it then is not lost: it is pending for this consumer.
func dedicate(cfg *SubscriberConfig) readConn {
	w := &wires{open: map[*wire]struct{}{}}
	own := func(client redis.UniversalClient) readConn {
		return readConn{client: client, blockTime: cfg.BlockTime, interrupt: w.cut, close: func() { _ = client.Close() }}
	}
	switch shared := cfg.Client.(type) {
	case *redis.Client:
		return own(w.client(*shared.Options()))
	case *redis.ClusterClient:
		options := *shared.Options()
		options.MaintNotificationsConfig = noMaintenance()
		options.NewClient = func(node *redis.Options) *redis.Client { return w.client(*node) }
		return own(redis.NewClusterClient(&options))
	default:
		nothing := func() {}
		return readConn{client: cfg.Client, blockTime: min(cfg.BlockTime, sharedBlockTime), interrupt: nothing, close: nothing}
	}
}

// client makes a client of one connection, without retries: the reader has a backoff of its own.
func (w *wires) client(options redis.Options) *redis.Client {
	dial := options.Dialer
	if dial == nil {
		dial = redis.NewDialer(&options)
	}
	options.Dialer = w.dialer(dial)
	options.PoolSize, options.MinIdleConns = 1, 0
	options.MaxRetries, options.DialerRetries = -1, 1
	options.PushNotificationProcessor = nil // one belongs to one client
	options.MaintNotificationsConfig = noMaintenance()
	return redis.NewClient(&options)
}

// noMaintenance: the shared client writes to its own configuration while it connects, and a reader gets over a failover by itself.
func noMaintenance() *maintnotifications.Config {
	return &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
}

// wires are the network connections of a reader, to be cut from another goroutine: closing the client instead would end a read too,
// but go-redis takes that for a fault and says so on standard error.
type wires struct {
	mu     sync.Mutex
	open   map[*wire]struct{}
	closed bool
}

// wire leaves the set when it is closed.
type wire struct {
	net.Conn
	set *wires
}

type dialer = func(ctx context.Context, network, addr string) (net.Conn, error)

func (w *wires) dialer(dial dialer) dialer {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.closed {
			_ = conn.Close()
			return nil, net.ErrClosed
		}
		made := &wire{Conn: conn, set: w}
		w.open[made] = struct{}{}
		return made, nil
	}
}

func (w *wires) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	for conn := range w.open {
		_ = conn.Conn.Close()
	}
}

// Close implements net.Conn.
func (w *wire) Close() error {
	w.set.mu.Lock()
	delete(w.set.open, w)
	w.set.mu.Unlock()
	return w.Conn.Close()
}
