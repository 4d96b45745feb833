package message

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/prometheus/client_golang/prometheus"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/store"
)

const (
	// maxBatch messages share one commit: 50 gave 25–29 k messages a second where one gave at most 2 k, and more gain little while a
	// failure makes more of them run again alone.
	maxBatch = 64
	// closeTimeout bounds how long Run waits for messages in flight; less than the 10 s in which a process must stop.
	closeTimeout = 8 * time.Second
	// unitTimeout bounds one unit of work, so that a database that hangs counts as away.
	unitTimeout = 30 * time.Second
)

// ConsumerConfig is what a Consumer needs. All of it is required but Registerer and Policy.
type ConsumerConfig struct {
	Service    string
	DB         *store.DB
	Publisher  Publisher
	Subscriber message.Subscriber
	Clock      clock.Clock
	Logger     *slog.Logger
	Registerer prometheus.Registerer // nil: no metrics
	Policy     RetryPolicy           // zero: DefaultRetryPolicy
}

// Consumer runs a service's handlers. What is at hand runs as one batch in one unit of work: inbox, handlers, outgoing messages, one
// commit. If a handler fails, the unit is rolled back and each message runs alone, so that only the one that failed is put off.
type Consumer struct {
	cfg      ConsumerConfig
	handlers map[string]map[string]Handler // by topic and type
	lanes    []chan *delivery
	poke     chan struct{} // the deferred table has news
	running  chan struct{} // closed once every topic is subscribed to
	runs     sync.Once     // closes running: a supervisor starts Run again
	metrics  *metrics
}

// delivery is a message on its way through a lane.
type delivery struct {
	topic   string
	message *message.Message
	meta    Meta
	handler Handler
	copy    bool       // another copy of it has taken effect
	result  string     // what it is counted as once it is committed; empty: putOff counts it
	reason  string     // of a refusal
	done    chan error // nil: acknowledge; otherwise deliver again
}

// NewConsumer makes a consumer without handlers; see Handle and Run.
func NewConsumer(cfg ConsumerConfig) *Consumer {
	if cfg.Policy == (RetryPolicy{}) {
		cfg.Policy = DefaultRetryPolicy
	}
	c := &Consumer{
		cfg: cfg, handlers: map[string]map[string]Handler{}, poke: make(chan struct{}, 1), running: make(chan struct{}),
		metrics: newMetrics(cfg.Registerer), lanes: make([]chan *delivery, cfg.DB.Lanes()),
	}
	for i := range c.lanes {
		c.lanes[i] = make(chan *delivery, maxBatch)
	}
	return c
}

// Handle says what to do with the messages of a topic. Types without a handler are acknowledged and counted. Call it before Run; a second
// handler for the same type of a topic is a mistake in the program and panics.
func (c *Consumer) Handle(topic string, handlers ...Handler) {
	if c.handlers[topic] == nil {
		c.handlers[topic] = map[string]Handler{}
	}
	for _, h := range handlers {
		if _, taken := c.handlers[topic][h.Type]; taken {
			panic(fmt.Sprintf("message: two handlers for %s on %s", h.Type, topic))
		}
		c.handlers[topic][h.Type] = h
	}
}

// Running is closed once every topic is subscribed to.
func (c *Consumer) Running() <-chan struct{} { return c.running }

// Run consumes until ctx ends; then it takes no more messages and waits, at most closeTimeout, for those in flight.
func (c *Consumer) Run(ctx context.Context) error {
	if len(c.handlers) == 0 {
		c.runs.Do(func() { close(c.running) })
		<-ctx.Done()
		return nil
	}
	router, err := message.NewRouter(message.RouterConfig{CloseTimeout: closeTimeout}, watermill.NewSlogLogger(c.cfg.Logger))
	if err != nil {
		return err
	}
	for topic := range c.handlers {
		// A consumer handler: when its channel ends, the Router closes the publisher of any other kind.
		router.AddConsumerHandler(c.cfg.Service+":"+topic, topic, c.cfg.Subscriber, func(m *message.Message) error {
			return c.receive(topic, m)
		})
	}
	// The lanes outlive ctx: what is in flight when it ends is finished, so that it need not be done again.
	laneCtx, stopLanes := context.WithCancel(context.WithoutCancel(ctx))
	stopping, stop := context.WithCancel(ctx) // also when the router ends by itself: nothing here may outlive it
	var lanes sync.WaitGroup
	for _, lane := range c.lanes {
		lanes.Go(func() { c.runLane(laneCtx, stopping, lane) })
	}
	lanes.Go(func() { c.runDeferred(stopping) })
	lanes.Go(func() {
		select {
		case <-router.Running():
			c.runs.Do(func() { close(c.running) })
		case <-stopping.Done():
		}
	})
	err = router.Run(ctx)
	stop()
	stopLanes()
	lanes.Wait()
	if ctx.Err() == nil && err == nil {
		err = errors.New("message: the router ended by itself")
	}
	return err
}

// receive is the Watermill handler of every topic: it puts the message into the lane of its subject and waits for the outcome.
func (c *Consumer) receive(topic string, m *message.Message) error {
	d := &delivery{topic: topic, message: m, meta: DecodeMeta(m), result: resultHandled, done: make(chan error, 1)}
	d.meta.ID = inboxID(m)
	handler, known := c.handlers[topic][d.meta.Type]
	switch {
	case m.Metadata.Get(keyUndecodable) != "":
		handler = Handler{handle: refuseUndecodable}
		d.meta.Type = "" // made up by whoever wrote the entry: it must not become a label
	case !known:
		c.metrics.count(topic, d.meta.Type, resultUnknown)
		return nil
	}
	d.handler = handler
	lane := fnv.New32a()
	lane.Write([]byte(d.meta.Subject))
	c.lanes[lane.Sum32()%uint32(len(c.lanes))] <- d
	return <-d.done
}

// runLane works off one lane until its context ends. stopping ends earlier: from then on the lane does not wait for a database that is away.
func (c *Consumer) runLane(ctx, stopping context.Context, lane <-chan *delivery) {
	for {
		select {
		case <-ctx.Done():
			return
		case first := <-lane:
			c.process(ctx, stopping, gather(first, lane))
		}
	}
}

// gather adds to first what is at hand. It does not wait for more: while one batch commits, the next one grows.
func gather(first *delivery, lane <-chan *delivery) []*delivery {
	batch := []*delivery{first}
	for len(batch) < maxBatch {
		select {
		case d := <-lane:
			batch = append(batch, d)
		default:
			return batch
		}
	}
	return batch
}

// process brings a batch to its end: each message has taken effect, been put off, or (when stopping) is given back.
func (c *Consumer) process(ctx, stopping context.Context, batch []*delivery) {
	started := time.Now()
	wait := newBackoff()
	parking := false
	for {
		err := c.attempt(ctx, batch)
		switch {
		case err == nil:
			c.metrics.batch(batch, time.Since(started))
			for _, d := range batch {
				c.log(ctx, d)
				d.done <- nil
			}
			return
		case len(batch) > 1 && (!isInfrastructure(err) || errors.Is(err, context.DeadlineExceeded)):
			// One of them failed, or all of them are too much for the time of one unit: together they would never get done.
			for _, d := range batch {
				c.process(ctx, stopping, []*delivery{d})
			}
			return
		case isInfrastructure(err) || parking: // to park a message takes nothing but the database
			c.cfg.Logger.WarnContext(ctx, "messages wait for the database", "messages", len(batch), "error", err)
			if !wait.sleep(stopping) {
				for _, d := range batch {
					d.done <- err
				}
				return
			}
		default:
			// From here on the message is this database's: a failed reply, the deferred table or the dead letters.
			batch[0].handler, parking = c.afterFailure(batch[0], err)
		}
	}
}

// log writes the line about a message that is committed. Of a copy there is nothing to say, and putOff has its own.
func (c *Consumer) log(ctx context.Context, d *delivery) {
	switch {
	case d.copy:
	case d.result == resultHandled:
		c.logHandled(ctx, d.meta)
	case d.result == resultRefused:
		c.logRefused(ctx, d.meta, d.reason)
	}
}

// attempt runs a batch in one unit of work.
func (c *Consumer) attempt(ctx context.Context, batch []*delivery) error {
	ctx, cancel := context.WithTimeout(ctx, unitTimeout)
	defer cancel()
	ids := make([]string, len(batch))
	for i, d := range batch {
		ids[i] = d.meta.ID
	}
	slices.Sort(ids) // replicas that have the same messages in different order would lock each other out
	err := c.do(ctx, func(ctx context.Context, tx *store.Tx) error {
		fresh, err := markHandled(ctx, tx, c.cfg.Clock.Now(), ids)
		if err != nil {
			return err
		}
		for _, d := range batch {
			if d.copy = !fresh[d.meta.ID]; d.copy {
				continue
			}
			delete(fresh, d.meta.ID) // two copies in one batch
			if err := c.handle(ctx, tx, d.topic, d.handler, d.meta, d.message.Payload); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return errors.Join(context.DeadlineExceeded, err) // whatever the driver or a peer calls it
	}
	return err
}

// do is a unit of work whose panics, be they of a handler or of a hook that runs before the commit, are errors: they are the message's
// and must not end the process, which would meet the same message again.
func (c *Consumer) do(ctx context.Context, work func(ctx context.Context, tx *store.Tx) error) error {
	return store.Protect(func() error { return c.cfg.DB.Do(ctx, work) })
}

// handle runs one handler and, for a command, sends its reply.
func (c *Consumer) handle(ctx context.Context, tx *store.Tx, topic string, handler Handler, meta Meta, payload []byte) (err error) {
	ctx, span := startSpan(WithCause(ctx, meta), topic, meta)
	defer func() { endSpan(span, err) }()
	data, err := handler.handle(ctx, tx, meta, payload)
	if err != nil || !handler.command {
		return err
	}
	reply, err := succeeded(meta, data)
	if err != nil {
		return err
	}
	c.answer(ctx, tx, reply)
	return nil
}

// answer sends the reply to a command whose sender wants one.
func (c *Consumer) answer(ctx context.Context, tx *store.Tx, reply Outgoing) {
	if reply.Topic != "" {
		c.cfg.Publisher.Publish(ctx, tx, reply)
	}
}
