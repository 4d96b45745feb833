package redisstream

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/redis/go-redis/v9"
)

// exchangeTimeout is how long the last exchange with Redis may take when a subscription ends: the last acks, then handing back what was
// not handled. Redis answers in a millisecond; without Redis the entries are delivered again anyway.
const exchangeTimeout = 2 * time.Second

// subscription is the line described in the package comment, for one topic.
type subscription struct {
	cfg      *SubscriberConfig
	topic    string
	consumer string
	log      *slog.Logger

	window   chan struct{}         // free places; every delivery in the line has one
	queue    chan delivery         // on the way to the emitter; as long as the window, so that no sender ever waits
	out      chan *message.Message // sent to and closed by the emitter's side only
	acks     chan string           // entry ids on the way to the acker
	held     *holding              // entry ids from the read until the XACK
	settling sync.WaitGroup        // the waiters
}

// delivery is an entry in the line.
type delivery struct {
	entry redis.XMessage
	nacks int // so far, by this process
}

func newSubscription(cfg *SubscriberConfig, topic, consumer string) *subscription {
	s := &subscription{
		cfg: cfg, topic: topic, consumer: consumer,
		log:    cfg.Logger.With("topic", topic, "group", cfg.Group, "consumer", consumer),
		window: make(chan struct{}, cfg.MaxInFlight),
		queue:  make(chan delivery, cfg.MaxInFlight),
		out:    make(chan *message.Message),
		acks:   make(chan string, cfg.MaxInFlight),
		held:   newHolding(),
	}
	for range cfg.MaxInFlight {
		s.window <- struct{}{}
	}
	return s
}

// run works until stop is done, then drains.
func (s *subscription) run(stop context.Context) {
	defer close(s.out)
	// The messages in flight outlive stop: a handler is not cut off because its process is to end (S2).
	work, abandon := context.WithCancel(context.WithoutCancel(stop))
	defer abandon()
	exchange, endExchange := context.WithCancel(context.WithoutCancel(stop))
	defer endExchange()

	var intake, acker, keeper sync.WaitGroup
	intake.Go(func() { s.read(stop) })
	intake.Go(func() { s.emit(stop, work) })
	acker.Go(func() { s.acknowledge(exchange) })
	keep, endKeep := context.WithCancel(exchange)
	defer endKeep()
	keeper.Go(func() { s.keepAlive(keep) })

	intake.Wait()
	s.drain(abandon)
	time.AfterFunc(exchangeTimeout, endExchange)
	close(s.acks)
	acker.Wait()
	endKeep()
	keeper.Wait()
	s.handBack(exchange)
	s.leave(exchange)
}

// drain waits until the messages in flight are settled; after CloseTimeout their contexts are canceled and they are given up.
func (s *subscription) drain(abandon context.CancelFunc) {
	timeout := time.AfterFunc(s.cfg.CloseTimeout, func() {
		s.log.Warn("messages in flight are not acked in time, they will be delivered again", "timeout", s.cfg.CloseTimeout)
		abandon()
	})
	s.settling.Wait()
	timeout.Stop()
}

// emit hands the queued deliveries out, in order, each with a waiter for its outcome.
func (s *subscription) emit(stop, work context.Context) {
	for {
		select {
		case <-stop.Done():
			return
		case d := <-s.queue:
			msg, cancel := s.message(work, d)
			if msg == nil {
				s.ack(d.entry.ID)
				continue
			}
			select {
			case s.out <- msg:
				s.settling.Go(func() {
					defer cancel()
					s.settle(stop, work, d, msg)
				})
			case <-stop.Done():
				cancel()
				s.giveUp(d)
				return
			}
		}
	}
}

// message makes the message of a delivery, anew for every one: a handler may have changed the one before. It is nil when the
// Undecodable hook has dealt with the entry.
func (s *subscription) message(work context.Context, d delivery) (*message.Message, context.CancelFunc) {
	msg, reason := decode(d.entry.Values)
	if reason != nil {
		entry := raw(s.topic, d.entry.ID, d.entry.Values)
		s.log.Error("stream entry is not a message", "entry_id", d.entry.ID, "error", reason)
		if hook := s.cfg.Undecodable; hook != nil && d.nacks == 0 && hook(work, entry) == nil {
			return nil, func() {}
		}
		msg = undecodable(entry, reason)
	}
	ctx, cancel := context.WithCancel(work)
	msg.SetContext(&entryContext{Context: ctx, topic: s.topic, id: d.entry.ID}) //nolint:contextcheck // it wraps work
	return msg, cancel
}

// settle waits for the outcome of an emitted message.
func (s *subscription) settle(stop, work context.Context, d delivery, msg *message.Message) {
	select {
	case <-msg.Acked():
		s.ack(d.entry.ID)
	case <-msg.Nacked():
		s.retry(stop, d)
	case <-work.Done():
		// CloseTimeout has passed. Its handler may still be at it: the entry stays this consumer's until ClaimIdle is over.
		select {
		case <-msg.Acked(): // at the last moment
			s.ack(d.entry.ID)
		default:
		}
	}
}

// ack passes the entry on to be acknowledged and frees its place.
func (s *subscription) ack(id string) {
	s.acks <- id
	s.window <- struct{}{}
}

// retry queues a nacked message again after its backoff. It keeps its place meanwhile: what fails now can't pile up without bound.
func (s *subscription) retry(stop context.Context, d delivery) {
	wait := backoff(s.cfg.NackBackoffMin, s.cfg.NackBackoffMax, d.nacks)
	d.nacks++
	if !pause(stop, wait) {
		s.giveUp(d)
		return
	}
	s.queue <- d
}

// giveUp leaves an entry to whoever is next.
func (s *subscription) giveUp(d delivery) {
	s.held.remove(d.entry.ID)
}
