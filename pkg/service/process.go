package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"time"

	watermill "github.com/ThreeDotsLabs/watermill/message"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"google.golang.org/grpc"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/gauge"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/idempotency"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/outbox"
	"mallbots.example/pkg/redisstream"
	"mallbots.example/pkg/rpc"
	"mallbots.example/pkg/telemetry"
)

const (
	// connectTimeout bounds the first contact with Postgres and Redis, so that a wrong address is told at once.
	connectTimeout = 5 * time.Second
	// flushTimeout is what is left, after the drain, to send the last messages on their way; the outbox keeps what is not sent.
	flushTimeout = 2 * time.Second
	// streamRetention must not be shorter than an outbox keeps what it sent (72 h): a row there whose entry is gone counts as lost.
	streamRetention = 7 * 24 * time.Hour
	trimInterval    = time.Hour
	// forgetAfter is how long a consumer must have read nothing to be forgotten: whoever looks at a group the morning after a crash still
	// finds who was there.
	forgetAfter = 24 * time.Hour
)

// Subscriber delivers the messages of streams.
type Subscriber = watermill.Subscriber

// Process runs services. Config, Log and Services must be set.
type Process struct {
	Config   Config
	Log      *slog.Logger
	Services []Service
	// DatabaseURL gives a service's database; nil: every service's is Config.PostgresURL, which suits a process of one.
	DatabaseURL func(service string) string
	// Local says that services call each other within this process, wherever Config.Peers does not say otherwise.
	Local bool
	// Deliver, if not nil, wraps what delivers messages to the services; it is for tests of how they take it.
	Deliver func(Subscriber) Subscriber
	// OnReady, if not nil, is called once, when the process can serve and consume, with the address on which gRPC is served and the one of
	// the admin pages. It must not block.
	OnReady func(grpcAddr, adminAddr string)

	server   *rpc.Server
	pool     *rpc.Pool
	redis    redis.UniversalClient
	registry *prometheus.Registry
	loops    supervisor
	relays   supervisor
	checks   []check
	closers  []func() error
	ready    *readiness
	// adminEnded is told when the admin pages are served no more.
	adminEnded chan error
	grpcAddr   string
}

// Run starts everything, serves until ctx ends, drains, and closes everything. A process that can't start says why in one error.
func (p *Process) Run(ctx context.Context) (err error) {
	defer func() {
		for i := len(p.closers) - 1; i >= 0; i-- {
			err = errors.Join(err, p.closers[i]())
		}
	}()
	p.registry = prometheus.NewRegistry()
	p.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	stopTracing, err := telemetry.Start(ctx, p.Config.OTLPEndpoint, p.names())
	if err != nil {
		return fmt.Errorf("MALLBOTS_OTLP_ENDPOINT: %w", err)
	}
	p.closers = append(p.closers, stopTracing)
	clientTLS, serverTLS, err := p.openCerts()
	if err != nil {
		return err
	}
	p.pool = rpc.NewPool(rpc.ClientConfig{TLS: clientTLS})
	p.closers = append(p.closers, p.pool.Close)

	grpcListener, err := listen(ctx, "MALLBOTS_GRPC_ADDR", p.Config.GRPCAddr)
	if err != nil {
		return err
	}
	p.closers = append(p.closers, func() error { return ignoreClosed(grpcListener.Close()) })
	p.grpcAddr = grpcListener.Addr().String()
	adminListener, err := listen(ctx, "MALLBOTS_ADMIN_ADDR", p.Config.AdminAddr)
	if err != nil {
		return err
	}
	p.ready = newReadiness(p.Log)
	p.registry.MustRegister(p.ready.gauge())
	p.serveAdmin(adminListener)
	if err := p.connectRedis(ctx); err != nil {
		return err
	}
	runtimes, err := p.build(ctx, p.Config.instance(grpcListener.Addr()), serverTLS)
	if err != nil {
		return err
	}
	return p.serve(ctx, runtimes, grpcListener, adminListener)
}

// serveAdmin serves the admin pages from the first moment, so that a process that waits to start can say for what.
func (p *Process) serveAdmin(listener net.Listener) {
	admin := &http.Server{Handler: adminHandler(p.ready, p.registry), ReadHeaderTimeout: connectTimeout}
	p.adminEnded = make(chan error, 1)
	go func() { p.adminEnded <- admin.Serve(listener) }()
	p.closers = append(p.closers, admin.Close)
}

func (p *Process) names() string {
	if len(p.Services) == 1 {
		return p.Services[0].Name
	}
	return "mallbots"
}

func listen(ctx context.Context, setting, addr string) (net.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", setting, err)
	}
	return listener, nil
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (p *Process) connectRedis(ctx context.Context) error {
	if p.Config.RedisURL == "" {
		return nil
	}
	options, err := redis.ParseURL(p.Config.RedisURL)
	if err != nil {
		return errors.New("MALLBOTS_REDIS_URL is not a URL of the form redis://user:password@host:port/0")
	}
	// Nothing is asked of Redis but what messages need: a service's user may do no more, and each refusal would stand in the server's log.
	options.DisableIdentity = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	redis.SetLogger(discard{}) // what goes wrong comes back as errors, and is told once
	p.redis = redis.NewClient(options)
	p.closers = append(p.closers, p.redis.Close)
	return p.await(ctx, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, connectTimeout)
		defer cancel()
		if err := p.redis.Ping(ctx).Err(); err != nil {
			return fmt.Errorf("redis at %s (MALLBOTS_REDIS_URL) can't be used: %w", redact(p.Config.RedisURL), err)
		}
		return nil
	})
}

// discard keeps the Redis client from writing to standard error by itself.
type discard struct{}

// Printf implements the logger of the Redis client.
func (discard) Printf(context.Context, string, ...any) {}

// build makes the server and every service's runtime.
func (p *Process) build(ctx context.Context, instance string, tls handshake) ([]*Runtime, error) {
	runtimes := make([]*Runtime, len(p.Services))
	config := rpc.ServerConfig{
		Logger: p.Log, Registerer: p.registry, Reflection: p.Config.Reflection, Grace: p.Config.DrainTimeout, TLS: tls,
	}
	for i, s := range p.Services {
		rt := &Runtime{
			Name: s.Name, Log: p.Log.With("service", s.Name), Clock: clock.System{}, IDs: id.UUIDv7,
			Metrics: prometheus.WrapRegistererWith(prometheus.Labels{"service": s.Name}, p.registry),
			Peer:    p.Peer,

			DrainTimeout: p.Config.DrainTimeout, tls: tls,
		}
		p.closers = append(p.closers, rt.closeServers)
		runtimes[i] = rt
		if s.Unknown != nil {
			config.Unknown = s.Unknown(rt)
		}
		if err := s.guard(rt, &config); err != nil {
			return nil, err
		}
	}
	p.server = rpc.NewServer(config)
	for i, s := range p.Services {
		if err := p.buildOne(ctx, s, runtimes[i], instance); err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	return runtimes, nil
}

func (p *Process) buildOne(ctx context.Context, s Service, rt *Runtime, instance string) error {
	if len(s.Schemas) == 0 {
		rt.GRPC = p.server
		return s.Build(rt)
	}
	db, err := p.openDatabase(ctx, s, rt.Log)
	if err != nil {
		return err
	}
	p.closers = append(p.closers, db.Close)
	if err := p.migrate(ctx, s, db); err != nil {
		return err
	}
	rt.DB = db
	requests := idempotency.NewRegistrar(p.server, db, rt.Clock)
	rt.GRPC = requests
	rt.Go("requests", requests.Run)
	relay, err := outbox.New(outbox.Config{
		DB: db, Redis: p.redis, Source: s.Name, Clock: rt.Clock, IDs: rt.IDs, Logger: rt.Log,
	})
	if err != nil {
		return err
	}
	rt.Outbox = relay
	if err := s.Build(rt); err != nil {
		return err
	}
	p.checks = append(p.checks,
		check{name: s.Name + "/database", run: db.Ping},
		check{name: s.Name + "/outbox", run: func(context.Context) error { return relay.Healthy() }})
	rt.Gauges(relay.Gauges())
	if err := p.addConsumer(rt, s.Name, instance); err != nil {
		return err
	}
	board := gauge.NewBoard(rt.Log, rt.gauges...)
	rt.Metrics.MustRegister(board)
	rt.Go("gauges", board.Run)
	rt.loops = append(rt.loops, loop{name: s.Name + "/outbox", run: relay.Run, log: rt.Log, relay: true})
	return nil
}

// addConsumer makes the loops that consume what the service asked for.
func (p *Process) addConsumer(rt *Runtime, group, instance string) error {
	if len(rt.handlers) == 0 {
		return nil
	}
	streams, err := redisstream.NewSubscriber(redisstream.SubscriberConfig{
		Client: p.redis, Group: group, Consumer: instance, Logger: rt.Log, CloseTimeout: p.Config.DrainTimeout,
	})
	if err != nil {
		return err
	}
	var subscriber Subscriber = streams
	if p.Deliver != nil {
		subscriber = p.Deliver(subscriber)
	}
	janitor, err := redisstream.NewJanitor(p.redis, streamRetention, rt.Clock)
	if err != nil {
		return err
	}
	consumer := message.NewConsumer(message.ConsumerConfig{
		Service: rt.Name, DB: rt.DB, Publisher: rt.Outbox, Subscriber: subscriber, Clock: rt.Clock, Logger: rt.Log, Registerer: rt.Metrics,
	})
	topics := map[string]bool{}
	for _, c := range rt.handlers {
		consumer.Handle(c.Topic, c.Handlers...)
		topics[c.Topic] = true
	}
	rt.Gauges(consumer.Gauges(), redisstream.LagGauges(p.redis, group, rt.Clock, slices.Sorted(maps.Keys(topics))...))
	rt.Go("consumer", consumer.Run)
	rt.Go("janitor", func(ctx context.Context) error { return trim(ctx, rt, janitor) })
	return nil
}

// trim keeps the streams that the service consumes, and their groups, from growing for ever.
func trim(ctx context.Context, rt *Runtime, janitor *redisstream.Janitor) error {
	ticker := time.NewTicker(trimInterval)
	defer ticker.Stop()
	for {
		for _, c := range rt.handlers {
			removed, err := janitor.Trim(ctx, c.Topic)
			if err != nil {
				return err
			}
			gone, err := janitor.Forget(ctx, c.Topic, forgetAfter)
			if err != nil {
				return err
			}
			if removed > 0 || gone > 0 {
				rt.Log.InfoContext(ctx, "stream trimmed", "topic", c.Topic, "entries", removed, "consumers", gone)
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// serve runs everything until ctx ends, then stops in the order in which work flows: calls and messages first, then the relays.
func (p *Process) serve(ctx context.Context, runtimes []*Runtime, grpcListener, adminListener net.Listener) error {
	relayCtx, stopRelays := context.WithCancel(context.WithoutCancel(ctx))
	defer stopRelays()
	serveCtx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	context.AfterFunc(serveCtx, p.ready.stop) // at once: what drains is not ready
	for _, rt := range runtimes {
		for _, l := range rt.loops {
			if l.relay {
				p.relays.start(relayCtx, l)
			} else {
				p.loops.start(serveCtx, l)
			}
		}
	}
	if p.redis != nil {
		p.checks = append(p.checks, check{name: "redis", run: func(ctx context.Context) error { return p.redis.Ping(ctx).Err() }})
	}
	p.checks = append(p.checks, check{name: "loops", run: func(context.Context) error {
		return errors.Join(p.loops.check(), p.relays.check())
	}})
	p.ready.begin(p.checks, p.server, p.serviceNames(), func() {
		if p.OnReady != nil {
			p.OnReady(p.grpcAddr, adminListener.Addr().String())
		}
	})
	p.loops.start(serveCtx, loop{name: "readiness", run: p.ready.run, log: p.Log})
	served := make(chan error, 1)
	go func() { served <- p.server.Serve(serveCtx, grpcListener) }()

	var err error
	select {
	case <-serveCtx.Done():
		p.Log.Info("stopping: no new calls, finishing what is in flight")
		err = <-served
	case err = <-served:
		fail(err)
	case ended := <-p.adminEnded:
		fail(fmt.Errorf("the admin server ended: %w", ended))
		err = <-served
	}
	if cause := context.Cause(serveCtx); ctx.Err() == nil && cause != nil {
		err = errors.Join(err, cause)
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.Config.DrainTimeout+flushTimeout)
	defer cancel()
	err = errors.Join(err, p.loops.wait(drain))
	stopRelays()
	return errors.Join(err, p.relays.wait(drain))
}

// serviceNames are the gRPC services whose health is told.
func (p *Process) serviceNames() []string {
	names := []string{""}
	for name := range p.server.GetServiceInfo() {
		names = append(names, name)
	}
	return names
}

// conn is the connection to a peer.
func (p *Process) conn(name string) (grpc.ClientConnInterface, error) {
	target, ok := p.Config.Peers[name]
	switch {
	case ok:
	case p.Local:
		target = reachable(p.grpcAddr)
	default:
		target = net.JoinHostPort(name, "9000")
	}
	return p.pool.Conn(target)
}
