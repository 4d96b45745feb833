package redisstream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/redis/go-redis/v9"
)

// maxPipeline is the most XADDs sent in one round trip. Throughput is flat from 100 on; beyond some hundred only the replies to keep in
// memory and the time that other clients wait for Redis grow.
const maxPipeline = 500

// ErrNoStream says that the stream of an entry with NoMakeStream does not exist: it was lost with what was in it, or never made.
var ErrNoStream = errors.New("stream does not exist")

// ErrClosed says that a Publisher or Subscriber was closed before.
var ErrClosed = errors.New("redisstream: closed")

// Publisher writes messages to Redis Streams, one stream a topic. It implements message.Publisher.
type Publisher struct {
	client redis.UniversalClient
	log    *slog.Logger
	closed atomic.Bool
}

// Entry is one message to publish.
type Entry struct {
	Topic   string
	Message *message.Message
	// NoMakeStream refuses to publish (ErrNoStream) where the stream does not exist, so that a loss of the stream is noticed.
	NoMakeStream bool
}

// Failure is an entry that was not published, by its index in the batch.
type Failure struct {
	Index int
	Topic string
	UUID  string
	Err   error
}

// BatchError names what of a batch was not published, or is not known to be. errors.Is and errors.As look into each failure.
type BatchError struct {
	Size     int
	Failures []Failure // in the order of the batch
}

// NewPublisher publishes through client, which it never closes.
func NewPublisher(client redis.UniversalClient, logger *slog.Logger) *Publisher {
	return &Publisher{client: client, log: orDiscard(logger)}
}

// Publish writes msgs to topic in one round trip, bounded by the contexts of the messages: the first one that is done ends it.
// After an error some of msgs may be in the stream: publish all of them again, consumers drop copies.
func (p *Publisher) Publish(topic string, msgs ...*message.Message) error {
	if len(msgs) == 0 {
		return nil
	}
	ctx, cancel := joined(msgs)
	defer cancel(nil)

	entries := make([]Entry, len(msgs))
	for i, msg := range msgs {
		entries[i] = Entry{Topic: topic, Message: msg}
	}
	_, err := p.PublishBatch(ctx, entries)
	return err
}

// PublishBatch writes entries, of any topics, in one pipelined round trip (more than 500: several). It gives the stream id of each entry,
// in order; the id is "" where the entry was not written or nobody knows, and err is a *BatchError that names those.
func (p *Publisher) PublishBatch(ctx context.Context, entries []Entry) (ids []string, err error) {
	ids = make([]string, len(entries))
	if p.closed.Load() {
		return ids, ErrClosed
	}
	var failures []Failure
	for start := 0; start < len(entries); start += maxPipeline {
		chunk := entries[start:min(start+maxPipeline, len(entries))]
		for i, reply := range p.send(ctx, chunk) {
			ids[start+i] = reply.id
			if reply.err != nil {
				failures = append(failures, Failure{
					Index: start + i, Topic: chunk[i].Topic, UUID: chunk[i].Message.UUID, Err: reply.err,
				})
			}
		}
	}
	if len(failures) == 0 {
		return ids, nil
	}
	failed := &BatchError{Size: len(entries), Failures: failures}
	p.log.DebugContext(ctx, "messages not published", "failed", len(failures), "of", len(entries), "error", failed)
	return ids, failed
}

// Close makes further publishing fail. The client stays open: it belongs to whoever made it.
func (p *Publisher) Close() error {
	p.closed.Store(true)
	return nil
}

type reply struct {
	id  string
	err error
}

// send writes one chunk in one round trip and gives the reply to each of its entries.
func (p *Publisher) send(ctx context.Context, chunk []Entry) []reply {
	replies := make([]reply, len(chunk))
	if err := ctx.Err(); err != nil {
		for i := range replies {
			replies[i].err = fmt.Errorf("not sent: %w", err)
		}
		return replies
	}
	added := make([]*redis.StringCmd, len(chunk)) // nil: not sent
	pipe := p.client.Pipeline()
	for i, entry := range chunk {
		if entry.Topic == "" {
			replies[i].err = errors.New("topic is empty")
			continue
		}
		values, err := encode(entry.Message)
		if err != nil {
			replies[i].err = err
			continue
		}
		added[i] = pipe.XAdd(ctx, &redis.XAddArgs{Stream: entry.Topic, NoMkStream: entry.NoMakeStream, Values: values})
	}

	// The commands' own errors are read below. ctx's error is told apart: an abandoned pipeline still writes to its commands.
	_, err := await(ctx, func(ctx context.Context) (struct{}, error) {
		_, _ = pipe.Exec(ctx)
		return struct{}{}, nil
	})
	for i, cmd := range added {
		switch {
		case cmd == nil:
		case err != nil:
			replies[i].err = fmt.Errorf("outcome unknown: %w", err)
		case errors.Is(cmd.Err(), redis.Nil):
			replies[i].err = ErrNoStream
		default:
			replies[i].id, replies[i].err = cmd.Result()
		}
	}
	return replies
}

// joined gives a context with the values of the first message's, done as soon as that of any message is.
func joined(msgs []*message.Message) (context.Context, context.CancelCauseFunc) {
	first := msgs[0].Context()
	ctx, cancel := context.WithCancelCause(first)
	for _, msg := range msgs[1:] {
		// Messages of one batch mostly share a context; only another one is watched.
		if other := msg.Context(); other.Done() != nil && other.Done() != first.Done() {
			stop := context.AfterFunc(other, func() { cancel(other.Err()) })
			context.AfterFunc(ctx, func() { stop() })
		}
	}
	return ctx, cancel
}

// Error names the first failures; a batch of hundreds mostly fails for one reason.
func (e *BatchError) Error() string {
	const shown = 3 // a log line stays a line
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d messages not published", len(e.Failures), e.Size)
	for _, f := range e.Failures[:min(shown, len(e.Failures))] {
		fmt.Fprintf(&b, "; #%d (%s to %s): %v", f.Index, f.UUID, f.Topic, f.Err)
	}
	if more := len(e.Failures) - shown; more > 0 {
		fmt.Fprintf(&b, "; and %d more", more)
	}
	return b.String()
}

// Unwrap gives the error of each failure.
func (e *BatchError) Unwrap() []error {
	errs := make([]error, len(e.Failures))
	for i, f := range e.Failures {
		errs[i] = f.Err
	}
	return errs
}

func orDiscard(logger *slog.Logger) *slog.Logger {
	if logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return logger
}
