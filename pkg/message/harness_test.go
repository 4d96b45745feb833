package message_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	wm "github.com/ThreeDotsLabs/watermill/message"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
)

const (
	topic = "tests.events"
	// patience is how long a test waits for what must happen; only a broken build waits that long.
	patience = 20 * time.Second
)

// soon retries without making a test wait.
var soon = message.RetryPolicy{Attempts: 3, First: time.Millisecond, Longest: 4 * time.Millisecond}

// effects is what handlers leave behind. It has no key, so that an effect that happens twice is two rows.
var effects = store.Schema{Name: "effects", Migrations: fstest.MapFS{"00001_effects.sql": {Data: []byte(`
-- +goose Up
CREATE TABLE effects (name TEXT NOT NULL);
CREATE TABLE sent (id TEXT NOT NULL, topic TEXT NOT NULL, metadata TEXT NOT NULL, payload BYTEA NOT NULL);
`)}}}

func each(t *testing.T, test func(t *testing.T, db *store.DB)) {
	t.Helper()
	storetest.Each(t, []store.Schema{message.Schema, effects}, test)
}

// rowPublisher writes messages as rows of the unit of work: a unit that is rolled back has sent nothing.
type rowPublisher struct{}

func (rowPublisher) Publish(ctx context.Context, tx *store.Tx, outgoing ...message.Outgoing) {
	for _, out := range outgoing {
		out.Meta = out.Meta.Complete(ctx, rand.Text, "tests", clock.System{}.Now())
		tx.BeforeCommit(func(context.Context) error {
			m, err := message.Encode(out)
			if err != nil {
				return err
			}
			metadata, err := json.Marshal(m.Metadata)
			if err != nil {
				return err
			}
			tx.Queue(`INSERT INTO sent (id, topic, metadata, payload) VALUES ($1, $2, $3, $4)`, m.UUID, out.Topic, string(metadata), []byte(m.Payload))
			return nil
		})
	}
}

// bus is a Subscriber that hands over what deliver is given, once, whatever becomes of it.
type bus struct {
	mu     sync.Mutex
	topics map[string]chan *wm.Message
}

func newBus() *bus { return &bus{topics: map[string]chan *wm.Message{}} }

func (b *bus) channel(topic string) chan *wm.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.topics[topic] == nil {
		b.topics[topic] = make(chan *wm.Message, 100_000) // more than any test delivers: deliver never waits
	}
	return b.topics[topic]
}

func (b *bus) deliver(messages ...*wm.Message) {
	for _, m := range messages {
		b.channel(topic) <- m
	}
}

// Subscribe implements wm.Subscriber.
func (b *bus) Subscribe(ctx context.Context, topic string) (<-chan *wm.Message, error) {
	in, out := b.channel(topic), make(chan *wm.Message)
	go func() {
		defer close(out)
		for {
			select {
			case <-ctx.Done():
				return
			case m := <-in:
				select {
				case out <- m:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return out, nil
}

// Close implements wm.Subscriber.
func (*bus) Close() error { return nil }

// running is a consumer under test.
type running struct {
	*bus
	t        testing.TB
	consumer *message.Consumer
	registry *prometheus.Registry
	cancel   context.CancelFunc
	ended    chan error
}

// run starts a consumer of topic and ends it with the test.
func run(t testing.TB, db *store.DB, policy message.RetryPolicy, handlers ...message.Handler) *running {
	t.Helper()
	return runWith(t, db, newBus(), slog.New(slog.DiscardHandler), policy, handlers...)
}

// runWith is run with a log.
func runWith(t testing.TB, db *store.DB, b *bus, log *slog.Logger, policy message.RetryPolicy, handlers ...message.Handler) *running {
	t.Helper()
	r := start(t, db, b, log, policy, handlers...)
	r.bus = b
	return r
}

func runOn(t testing.TB, db *store.DB, subscriber wm.Subscriber, policy message.RetryPolicy, handlers ...message.Handler) *running {
	t.Helper()
	return start(t, db, subscriber, slog.New(slog.DiscardHandler), policy, handlers...)
}

func start(
	t testing.TB, db *store.DB, subscriber wm.Subscriber, log *slog.Logger, policy message.RetryPolicy, handlers ...message.Handler,
) *running {
	t.Helper()
	r := &running{t: t, ended: make(chan error, 1), registry: prometheus.NewRegistry()}
	r.consumer = message.NewConsumer(message.ConsumerConfig{
		Service: "tests", DB: db, Publisher: rowPublisher{}, Subscriber: subscriber, Clock: clock.System{},
		Logger: log, Registerer: r.registry, Policy: policy,
	})
	r.consumer.Handle(topic, handlers...)
	var ctx context.Context
	ctx, r.cancel = context.WithCancel(context.Background())
	go func() { r.ended <- r.consumer.Run(ctx) }()
	t.Cleanup(func() { r.stop() })
	return r
}

// stop ends the consumer and waits until Run has returned.
func (r *running) stop() {
	r.t.Helper()
	r.cancel()
	r.ended <- wait(r.t, r.ended, "Run to return") // stays there for another stop
}

// handled waits until each message is acknowledged.
func (r *running) handled(messages ...*wm.Message) {
	r.t.Helper()
	for _, m := range messages {
		select {
		case <-m.Acked():
		case <-m.Nacked():
			r.t.Fatalf("message %q is given back", m.UUID)
		case <-time.After(patience):
			r.t.Fatalf("message %q is neither acknowledged nor given back", m.UUID)
		}
	}
}

// hold keeps the lane of subject busy until release is called, so that what is delivered meanwhile becomes one batch.
func (r *running) hold(h *holder, subject string) (release func()) {
	r.t.Helper()
	m := encode(r.t, subject, durationpb.New(0))
	r.deliver(m)
	wait(r.t, h.entered, "the lane to be held up")
	return func() { r.t.Helper(); h.release <- struct{}{}; r.handled(m) }
}

// gathered waits until n messages lie in the lanes.
func (r *running) gathered(n int) {
	r.t.Helper()
	require.Eventually(r.t, func() bool { return r.consumer.Waiting() == n }, patience, time.Millisecond)
}

type holder struct{ entered, release chan struct{} }

func newHolder() *holder { return &holder{entered: make(chan struct{}), release: make(chan struct{})} }

func (h *holder) handler() message.Handler {
	return message.OnEvent(func(context.Context, *store.Tx, message.Meta, *durationpb.Duration) error {
		h.entered <- struct{}{}
		<-h.release
		return nil
	})
}

func wait[T any](t testing.TB, c <-chan T, what string) (value T) {
	t.Helper()
	select {
	case value = <-c:
	case <-time.After(patience):
		t.Fatalf("waited in vain for %s", what)
	}
	return value
}

// word is an event whose effect is a row of that name.
func word(t testing.TB, name string) *wm.Message { return encode(t, name, wrapperspb.String(name)) }

func words(t testing.TB, names ...string) (messages []*wm.Message) {
	for _, name := range names {
		messages = append(messages, word(t, name))
	}
	return messages
}

func encode(t testing.TB, subject string, body proto.Message) *wm.Message {
	t.Helper()
	out := message.Event(topic, subject, body)
	out.Meta = out.Meta.Complete(context.Background(), rand.Text, "sender", clock.System{}.Now())
	m, err := message.Encode(out)
	require.NoError(t, err)
	return m
}

func effect(tx *store.Tx, name string) { tx.Queue(`INSERT INTO effects (name) VALUES ($1)`, name) }

// onWord handles words: it leaves the effect, sends an event on, and then does what then (if any) says.
func onWord(then func(ctx context.Context, tx *store.Tx, word string) error) message.Handler {
	return message.OnEvent(func(ctx context.Context, tx *store.Tx, meta message.Meta, event *wrapperspb.StringValue) error {
		effect(tx, event.Value)
		rowPublisher{}.Publish(ctx, tx, message.Event("tests.echo", meta.Subject, event))
		if then == nil {
			return nil
		}
		return then(ctx, tx, event.Value)
	})
}

// failing gives err for the first times that it is asked about word.
func failing(word string, times int64, err error) func(context.Context, *store.Tx, string) error {
	var calls atomic.Int64
	return func(_ context.Context, _ *store.Tx, w string) error {
		if w == word && calls.Add(1) <= times {
			return err
		}
		return nil
	}
}

func newConsumer(db *store.DB, subscriber wm.Subscriber) *message.Consumer {
	return message.NewConsumer(message.ConsumerConfig{
		Service: "tests", DB: db, Publisher: rowPublisher{}, Subscriber: subscriber, Clock: clock.System{}, Logger: slog.New(slog.DiscardHandler),
		Policy: soon,
	})
}
