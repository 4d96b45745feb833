// Package service is one process: configuration, start, supervision, readiness and drain, for one service or for many.
package service

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/gauge"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
)

// Service is a table of contents: what a service stores, serves and listens to.
type Service struct {
	// Name is unique in the mall: the consumer group, the sender of messages, the host name of its peers' calls.
	Name string
	// Schemas are its tables. A service without any has no database, sends no messages and consumes none.
	Schemas []store.Schema
	// Settings, if not nil, points to a struct of settings that only this service has, tagged as for package config.
	Settings any
	// Build wires the service: it registers gRPC servers, consumers and loops with rt. Nothing runs before every service is built.
	Build func(rt *Runtime) error
	// Unknown, if not nil, makes the handler of gRPC methods that no service of the process has registered.
	Unknown func(rt *Runtime) grpc.StreamHandler
	// Guard, if not nil, makes what every gRPC call of the process passes before it is served. It is called before Build. A process with
	// one has clients outside the mall: where the process encrypts, they may come without a certificate.
	Guard func(rt *Runtime) (Guard, error)
}

// Runtime is what a service builds itself from.
type Runtime struct {
	Name    string
	Log     *slog.Logger
	Clock   clock.Clock
	IDs     id.Source
	Metrics prometheus.Registerer
	// DB is nil for a service without Schemas, as is Outbox.
	DB     *store.DB
	Outbox message.Publisher
	// GRPC is where the service registers its servers. With a database, what they do for a request with a request_id is done once.
	GRPC grpc.ServiceRegistrar

	// Peer is the connection to another service. It is shared, and made at its first call.
	Peer func(name string) grpc.ClientConnInterface
	// DrainTimeout is how long what is in flight may take when the process is told to stop.
	DrainTimeout time.Duration

	handlers []Consumption
	gauges   []gauge.Source
	loops    []loop
	servers  []net.Listener
	tls      handshake
}

// Consumption is what a service does with the messages of a topic.
type Consumption struct {
	Topic    string
	Handlers []message.Handler
}

// Consumptions are what the service asked for with Consume.
func (rt *Runtime) Consumptions() []Consumption { return rt.handlers }

// Consume says what to do with the messages of a topic.
func (rt *Runtime) Consume(topic string, handlers ...message.Handler) {
	rt.handlers = append(rt.handlers, Consumption{Topic: topic, Handlers: handlers})
}

// Gauges adds figures of the service to those that every service with a database tells in its metrics: its outbox, what waits in its
// streams, and its failed messages.
func (rt *Runtime) Gauges(sources ...gauge.Source) { rt.gauges = append(rt.gauges, sources...) }

// Go runs a long-lived loop: from when the process is ready until it drains, when ctx ends. If it returns or panics before, it is
// started again with backoff, and the process is not ready meanwhile.
func (rt *Runtime) Go(name string, run func(ctx context.Context) error) {
	rt.loops = append(rt.loops, loop{name: rt.Name + "/" + name, run: run, log: rt.Log})
}

// Peer is the connection of the process to a service, as its services have them among themselves. It may be called from when OnReady is.
func (p *Process) Peer(name string) grpc.ClientConnInterface { return &peer{process: p, name: name} }

// peer puts off choosing the target until the first call: in a process of many services its own address is known only when it listens.
type peer struct {
	process *Process
	name    string
}

// Invoke implements grpc.ClientConnInterface.
func (p *peer) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	conn, err := p.process.conn(p.name)
	if err != nil {
		return err
	}
	return conn.Invoke(ctx, method, args, reply, opts...)
}

// NewStream implements grpc.ClientConnInterface.
func (p *peer) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	conn, err := p.process.conn(p.name)
	if err != nil {
		return nil, err
	}
	return conn.NewStream(ctx, desc, method, opts...)
}

// RunLoops runs the loops that the service asked for with Go until ctx ends: for tests, which do without the rest of a Process.
func (rt *Runtime) RunLoops(ctx context.Context, running *sync.WaitGroup) {
	loops := &supervisor{}
	for _, l := range rt.loops {
		loops.start(ctx, l)
	}
	running.Go(loops.wg.Wait)
}
