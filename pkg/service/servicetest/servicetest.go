// Package servicetest runs one service by itself: its real gRPC server, database, unit of work and consumer, with its peers and the
// transport replaced by the test.
package servicetest

import (
	"context"
	"log/slog"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	watermillmessage "github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/gochannel"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/idempotency"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/rpc"
	"mallbots.example/pkg/service"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
)

// Deadline bounds everything that a test waits for.
const Deadline = 20 * time.Second

// Now is when the clock of every harness starts.
var Now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// Harness is a service under test.
type Harness struct {
	t testing.TB
	// Conn calls the service.
	Conn *grpc.ClientConn
	// DB is its database.
	DB *store.DB
	// Clock is its clock.
	Clock *clock.Manual

	bus     *gochannel.GoChannel
	mu      sync.Mutex
	sent    []message.Outgoing
	changed chan struct{} // closed and replaced when something is sent
}

// Each runs test over a fresh service on each kind of database; see storetest.Each. peers are what it finds for its calls, by name.
func Each(t *testing.T, s service.Service, peers map[string]grpc.ClientConnInterface, test func(t *testing.T, h *Harness)) {
	t.Helper()
	storetest.Each(t, schemas(s), func(t *testing.T, db *store.DB) {
		test(t, start(t, s, db, peers))
	})
}

// Start runs a fresh service on SQLite.
func Start(t testing.TB, s service.Service, peers map[string]grpc.ClientConnInterface) *Harness {
	t.Helper()
	return start(t, s, storetest.Open(t, schemas(s)...), peers)
}

// Replica runs the service once more on the database of h: another process, or the same one after a restart. What it sends is its own.
func (h *Harness) Replica(s service.Service, peers map[string]grpc.ClientConnInterface) *Harness {
	h.t.Helper()
	return start(h.t, s, h.DB, peers)
}

// schemas are the tables of a service, with those that every service has; the outbox is replaced by the recorder.
func schemas(s service.Service) []store.Schema {
	return append([]store.Schema{message.Schema, idempotency.Schema}, s.Schemas...)
}

func start(t testing.TB, s service.Service, db *store.DB, peers map[string]grpc.ClientConnInterface) *Harness {
	t.Helper()
	h := &Harness{t: t, DB: db, Clock: clock.NewManual(Now), changed: make(chan struct{})}
	log := slog.New(slog.DiscardHandler)
	server := rpc.NewServer(rpc.ServerConfig{Logger: log, Grace: time.Second})
	rt := &service.Runtime{
		Name: s.Name, Log: log, Clock: h.Clock, IDs: id.UUIDv7, Metrics: prometheus.NewRegistry(),
		DB: db, Outbox: recorder{h}, GRPC: idempotency.NewRegistrar(server, db, h.Clock),
		Peer: func(name string) grpc.ClientConnInterface {
			peer, ok := peers[name]
			if !ok {
				t.Fatalf("the service calls %s, which the test does not provide", name)
			}
			return peer
		},
	}
	if err := s.Build(rt); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	h.serve(ctx, &running, server)
	h.consume(ctx, &running, rt, log)
	rt.RunLoops(ctx, &running)
	return h
}

func (h *Harness) serve(ctx context.Context, running *sync.WaitGroup, server *rpc.Server) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	running.Go(func() {
		if err := server.Serve(ctx, listener); err != nil {
			h.t.Errorf("serving: %v", err)
		}
	})
	h.Conn, err = rpc.Dial(listener.Addr().String(), rpc.ClientConfig{})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = h.Conn.Close() })
}

func (h *Harness) consume(ctx context.Context, running *sync.WaitGroup, rt *service.Runtime, log *slog.Logger) {
	h.bus = gochannel.NewGoChannel(gochannel.Config{BlockPublishUntilSubscriberAck: true}, watermill.NopLogger{})
	consumer := message.NewConsumer(message.ConsumerConfig{
		Service: rt.Name, DB: h.DB, Publisher: rt.Outbox, Subscriber: h.bus, Clock: h.Clock, Logger: log,
	})
	for _, c := range rt.Consumptions() {
		consumer.Handle(c.Topic, c.Handlers...)
	}
	running.Go(func() {
		if err := consumer.Run(ctx); err != nil {
			h.t.Errorf("consuming: %v", err)
		}
	})
	<-consumer.Running()
}

// Deliver hands a message to the service, and returns when it has taken effect (or was put off because its handler failed).
func (h *Harness) Deliver(topic string, meta message.Meta, body proto.Message) {
	h.t.Helper()
	meta = meta.Complete(h.t.Context(), id.UUIDv7, "test", h.Clock.Now())
	m, err := message.Encode(message.Outgoing{Topic: topic, Meta: meta, Body: body})
	if err != nil {
		h.t.Fatal(err)
	}
	delivered := make(chan error, 1)
	go func() { delivered <- h.bus.Publish(topic, []*watermillmessage.Message{m}...) }()
	select {
	case err := <-delivered:
		if err != nil {
			h.t.Fatal(err)
		}
	case <-time.After(Deadline):
		h.t.Fatalf("%s was not handled in time", message.TypeOf(body))
	}
}

// Event delivers an event about subject.
func (h *Harness) Event(topic, subject string, body proto.Message) {
	h.t.Helper()
	h.Deliver(topic, message.Meta{Subject: subject}, body)
}

// replies is where commands of a test want their replies.
const replies = "test.replies"

// Command delivers a command about subject and gives the reply to it.
func (h *Harness) Command(topic, subject string, body proto.Message) proto.Message {
	h.t.Helper()
	commandID := id.UUIDv7()
	h.Deliver(topic, message.Meta{Subject: subject, ReplyTo: replies, CommandID: commandID}, body)
	for _, out := range h.Sent() {
		if out.Topic == replies && out.Meta.CommandID == commandID {
			return out.Body
		}
	}
	h.t.Fatalf("no reply to %s", message.TypeOf(body))
	return nil
}

// Sent are the messages that the service has committed so far, replies included.
func (h *Harness) Sent() []message.Outgoing {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.sent)
}

// SentTo are the bodies of the messages committed so far to a topic.
func (h *Harness) SentTo(topic string) []proto.Message {
	var bodies []proto.Message
	for _, out := range h.Sent() {
		if out.Topic == topic {
			bodies = append(bodies, out.Body)
		}
	}
	return bodies
}

// Await waits until the service has committed a message that matches.
func (h *Harness) Await(match func(out message.Outgoing) bool) message.Outgoing {
	h.t.Helper()
	deadline := time.After(Deadline)
	for {
		h.mu.Lock()
		sent, changed := slices.Clone(h.sent), h.changed
		h.mu.Unlock()
		for _, out := range sent {
			if match(out) {
				return out
			}
		}
		select {
		case <-changed:
		case <-deadline:
			h.t.Fatalf("the message waited for was not sent; sent: %v", sent)
		}
	}
}

// recorder is the outbox of a service under test: what is committed is recorded.
type recorder struct{ h *Harness }

// Publish implements message.Publisher.
func (r recorder) Publish(ctx context.Context, tx *store.Tx, outgoing ...message.Outgoing) {
	for i := range outgoing {
		outgoing[i].Meta = outgoing[i].Meta.Complete(ctx, id.UUIDv7, "service", r.h.Clock.Now())
		outgoing[i].Body = proto.Clone(outgoing[i].Body)
	}
	tx.OnCommit(func() {
		r.h.mu.Lock()
		defer r.h.mu.Unlock()
		r.h.sent = append(r.h.sent, outgoing...)
		close(r.h.changed)
		r.h.changed = make(chan struct{})
	})
}
