package redisstream

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/redis/go-redis/v9"
)

// groupStart is where a new group starts to read: at the oldest entry, so that it does not matter whether the consumer or the first
// message was there first, nor that a lost group is made again.
const groupStart = "0"

// Subscriber reads topics in one consumer group. It implements message.Subscriber and message.SubscribeInitializer.
type Subscriber struct {
	cfg     SubscriberConfig
	closing context.Context // done when Close was called
	close   context.CancelFunc
	running sync.WaitGroup

	mu    sync.Mutex
	taken map[consumerSlot]bool // consumer names in use
}

// consumerSlot is one of the consumers that this process has on a topic.
type consumerSlot struct {
	topic string
	index int
}

// NewSubscriber checks cfg; it does not connect.
func NewSubscriber(cfg SubscriberConfig) (*Subscriber, error) {
	cfg.setDefaults()
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	closing, cancel := context.WithCancel(context.Background())
	return &Subscriber{cfg: cfg, closing: closing, close: cancel, taken: map[consumerSlot]bool{}}, nil
}

// Subscribe gives the messages of topic, up to MaxInFlight at a time without waiting for the ack of the earlier ones. It does not need
// Redis: the subscription connects, and connects again, by itself.
//
// It ends when ctx is done or the Subscriber is closed. Then nothing more is emitted, the messages in flight have CloseTimeout to be
// acked or nacked, and only then the channel is closed. The context of a message carries the values of ctx and the entry id
// (see EntryID); it is canceled once the message is acked or nacked, or when CloseTimeout has passed, but not by ctx.
func (s *Subscriber) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	if topic == "" {
		return nil, errors.New("redisstream: topic is empty")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing.Err() != nil {
		return nil, ErrClosed
	}

	// Each subscription is a consumer of its own: entries of one are not the other's to read again. The first has the process' name,
	// further ones on the same topic a number, given out again in the same order after a restart.
	slot := consumerSlot{topic: topic, index: 1}
	for s.taken[slot] {
		slot.index++
	}
	s.taken[slot] = true
	consumer := s.cfg.Consumer
	if slot.index > 1 {
		consumer = fmt.Sprintf("%s#%d", consumer, slot.index)
	}

	stop, cancel := context.WithCancel(ctx)
	unhook := context.AfterFunc(s.closing, cancel) //nolint:contextcheck // two ends: ctx and Close
	sub := newSubscription(&s.cfg, topic, consumer)
	s.running.Go(func() {
		defer cancel()
		defer unhook()
		sub.run(stop)
		s.mu.Lock()
		delete(s.taken, slot)
		s.mu.Unlock()
	})
	return sub.out, nil
}

// SubscribeInitialize makes the group of topic, and the stream too, so that the janitor knows of this reader before its first read.
func (s *Subscriber) SubscribeInitialize(topic string) error {
	return ensureGroup(s.closing, s.cfg.Client, topic, s.cfg.Group)
}

// Close ends all subscriptions and waits until their messages are settled, at most CloseTimeout and the time of a last exchange with
// Redis. What is not acked by then is delivered again, to this consumer's next start or to a peer. The Redis client stays open.
func (s *Subscriber) Close() error {
	s.mu.Lock()
	s.close()
	s.mu.Unlock()
	s.running.Wait()
	return nil
}

// ensureGroup makes the group if it is not there.
func ensureGroup(ctx context.Context, client redis.UniversalClient, topic, group string) error {
	_, err := await(ctx, func(ctx context.Context) (string, error) {
		return client.XGroupCreateMkStream(ctx, topic, group, groupStart).Result()
	})
	if err != nil && !redis.HasErrorPrefix(err, "BUSYGROUP") {
		return fmt.Errorf("make group %s on stream %s: %w", group, topic, err)
	}
	return nil
}
