package outbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	wmessage "github.com/ThreeDotsLabs/watermill/message"
	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mallbots.example/pkg/message"
	"mallbots.example/pkg/redisstream"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
)

// redisURL names the variable that puts the tests on a real Redis as well. They use streams of random names, and remove them.
const redisURL = "TEST_REDIS_URL"

var discard = slog.New(slog.DiscardHandler)

const (
	deadline = 20 * time.Second // of anything a test waits for
	never    = time.Hour        // an interval that does not pass in a test
	soon     = 10 * time.Millisecond
)

// rig is a database, a Redis whose connections can be cut, and a topic.
type rig struct {
	testing.TB
	db    *store.DB
	line  *line
	redis *redis.Client // what the outbox uses, over the line
	look  *redis.Client // what the test uses
	topic string
}

// each runs test over every database and every Redis at hand.
func each(t *testing.T, test func(r *rig)) {
	storetest.Each(t, []store.Schema{Schema}, func(t *testing.T, db *store.DB) {
		t.Run("miniredis", func(t *testing.T) { test(newRig(t, db, &redis.Options{Addr: miniredis.RunT(t).Addr()})) })
		if rawURL := os.Getenv(redisURL); rawURL != "" {
			options, err := redis.ParseURL(rawURL)
			require.NoError(t, err)
			// One database for all kinds of Redis: its rows must not look lost in the next.
			r := &rig{TB: t, db: db}
			r.exec(`DELETE FROM outbox`)
			r.exec(`DELETE FROM outbox_verified`)
			t.Run("redis", func(t *testing.T) { test(newRig(t, db, options)) })
		}
	})
}

func newRig(t testing.TB, db *store.DB, options *redis.Options) *rig {
	r := &rig{TB: t, db: db, line: &line{}, topic: "test." + rand.Text()}
	r.look = redis.NewClient(options)
	overLine := *options
	overLine.Dialer = r.line.dial
	overLine.DialerRetries = 1 // a cut line stays cut until the test mends it
	r.redis = redis.NewClient(&overLine)
	t.Cleanup(func() {
		require.NoError(t, r.look.Del(context.Background(), r.topic).Err())
		require.NoError(t, errors.Join(r.redis.Close(), r.look.Close()))
	})
	return r
}

// line is the network between the outbox and Redis.
type line struct {
	mu    sync.Mutex
	down  bool
	conns []net.Conn
}

func (l *line) dial(ctx context.Context, network, address string) (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return nil, errors.New("the line is cut")
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err == nil {
		l.conns = append(l.conns, conn)
	}
	return conn, err
}

// cut breaks all connections, and keeps new ones from being made until mend.
func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, conn := range l.conns {
		_ = conn.Close() // it may be closed already
	}
	l.down, l.conns = true, nil
}

func (l *line) mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = false
}

// outbox makes one; nothing in it happens by an interval unless change says so.
func (r *rig) outbox(change func(*Config)) *Outbox {
	r.Helper()
	cfg := Config{DB: r.db, Redis: r.redis, Source: "test", SweepInterval: never, CheckInterval: never, RetentionInterval: never}
	if change != nil {
		change(&cfg)
	}
	o, err := New(cfg)
	require.NoError(r, err)
	return o
}

// run starts the outbox, waits until it is healthy, and gives the function that ends it.
func (r *rig) run(o *Outbox) (stop func()) {
	r.Helper()
	stop = r.start(o)
	r.eventually(func() bool { return o.Healthy() == nil })
	return stop
}

func (r *rig) start(o *Outbox) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- o.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		r.Helper()
		cancel()
		select {
		case err := <-done:
			require.NoError(r, err)
		case <-time.After(deadline):
			require.Fail(r, "Run does not end")
		}
	})
	r.Cleanup(stop)
	return stop
}

func (r *rig) eventually(condition func() bool) {
	r.Helper()
	require.Eventually(r, condition, deadline, time.Millisecond)
}

// publish commits one unit of work with a message for each id.
func (r *rig) publish(o *Outbox, ids ...string) {
	r.Helper()
	require.NoError(r, r.db.Do(r.Context(), func(ctx context.Context, tx *store.Tx) error {
		o.Publish(ctx, tx, r.messages(ids...)...)
		return nil
	}))
}

func (r *rig) messages(ids ...string) (outgoing []message.Outgoing) {
	for _, id := range ids {
		out := message.Event(r.topic, "subject", wrapperspb.String("body of "+id))
		out.Meta.ID = id
		outgoing = append(outgoing, out)
	}
	return outgoing
}

// stream gives the ids of the messages in the stream, in its order.
func (r *rig) stream() (ids []string) {
	r.Helper()
	entries, err := r.look.XRange(context.Background(), r.topic, "-", "+").Result()
	require.NoError(r, err)
	for _, e := range entries {
		ids = append(ids, e.Values[fieldUUID].(string))
	}
	return ids
}

// await waits until the stream holds n messages and gives their ids.
func (r *rig) await(n int) (ids []string) {
	r.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	for last := "0"; len(ids) < n; {
		read, err := r.look.XRead(ctx, &redis.XReadArgs{Streams: []string{r.topic, last}, Block: 50 * time.Millisecond}).Result()
		if errors.Is(err, redis.Nil) {
			continue
		}
		require.NoError(r, err, "%d of %d messages came: %v", len(ids), n, ids)
		for _, e := range read[0].Messages {
			last = e.ID
			ids = append(ids, e.Values[fieldUUID].(string))
		}
	}
	return ids
}

// recordedAll waits until nothing is unsent.
func (r *rig) recordedAll(o *Outbox) {
	r.Helper()
	r.eventually(func() bool { return r.unsent(o) == 0 })
}

func (r *rig) unsent(o *Outbox) int64 {
	r.Helper()
	n, _, err := o.Backlog(context.Background())
	require.NoError(r, err)
	return n
}

// publisherFunc stands for a publisher that misbehaves.
type publisherFunc func(ctx context.Context, entries []redisstream.Entry) ([]string, error)

func (f publisherFunc) PublishBatch(ctx context.Context, entries []redisstream.Entry) ([]string, error) {
	return f(ctx, entries)
}

// newRigOn is a rig on a miniredis of its own.
func newRigOn(t testing.TB, db *store.DB) *rig {
	return newRig(t, db, &redis.Options{Addr: miniredis.RunT(t).Addr()})
}

func numbered(prefix string, n int) (ids []string) {
	for i := range n {
		ids = append(ids, fmt.Sprintf("%s%05d", prefix, i))
	}
	return ids
}

// subscribe gives what a consumer of the topic gets. The test ends with its deadline if nothing comes.
func (r *rig) subscribe() <-chan *wmessage.Message {
	r.Helper()
	sub, err := redisstream.NewSubscriber(redisstream.SubscriberConfig{Client: r.look, Group: "group", Consumer: "consumer"})
	require.NoError(r, err)
	r.Cleanup(func() { require.NoError(r, sub.Close()) })
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	r.Cleanup(cancel)
	messages, err := sub.Subscribe(ctx, r.topic)
	require.NoError(r, err)
	return messages
}

// exec changes the database behind the outbox's back.
func (r *rig) exec(query string, args ...any) {
	r.Helper()
	require.NoError(r, r.db.Do(context.Background(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	}))
}
