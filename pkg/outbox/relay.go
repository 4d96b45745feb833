package outbox

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"mallbots.example/pkg/redisstream"
	"mallbots.example/pkg/store"
)

// relay sends what commits hand over. It waits for nothing but Redis. When ctx has ended it sends what is left, until draining ends.
func (o *Outbox) relay(ctx, draining context.Context) {
	for {
		batch := collect(ctx.Done(), o.queue.rows, o.cfg.BatchSize, 0)
		if len(batch) == 0 {
			return
		}
		if err := store.Protect(func() error { o.relayBatch(draining, batch); return nil }); err != nil {
			o.interrupted(draining, err)
		}
		if len(o.queue.rows) == 0 && o.queue.overflowed() {
			o.wakeSweeper()
		}
	}
}

func (o *Outbox) relayBatch(ctx context.Context, batch []row) {
	handed := 0 // to the marker, which forgets them
	var sent []sentRow
	defer func() {
		if handed == len(batch) {
			return
		}
		marking := make(map[position]bool, handed)
		for _, s := range sent[:handed] {
			marking[position{seq: s.seq, id: s.id}] = true
		}
		for _, r := range batch {
			if !marking[position{seq: r.seq, id: r.id}] {
				o.queue.forget(r.id, r.seq)
			}
		}
		o.wakeSweeper() // it may have passed these rows by while they were held
	}()
	if o.health.redis() != nil {
		return
	}
	var err error
	sent, _, err = o.send(ctx, batch)
	if err != nil {
		o.interrupted(ctx, err)
	}
	for _, s := range sent {
		select {
		case o.sent <- s:
			handed++
		case <-ctx.Done():
			return
		}
	}
}

// send publishes rows in one round trip and says which of them Redis has taken. The error is of the others.
func (o *Outbox) send(ctx context.Context, rows []row) (sent []sentRow, unsent []row, err error) {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	entries := make([]redisstream.Entry, len(rows))
	for i, r := range rows {
		entries[i] = redisstream.Entry{Topic: r.topic, Message: r.msg, NoMakeStream: o.known.has(r.topic)}
	}
	at := time.Now()
	ids, err := o.pub.PublishBatch(ctx, entries)
	for i, r := range rows {
		if i < len(ids) && ids[i] != "" {
			sent = append(sent, sentRow{row: r, streamID: padID(ids[i]), at: at})
			o.known.set(r.topic, true)
			continue
		}
		unsent = append(unsent, r)
	}
	if errors.Is(err, redisstream.ErrNoStream) {
		for _, r := range unsent {
			o.known.set(r.topic, false) // the loss check looks first, then the stream may be made anew
		}
	}
	return sent, unsent, err
}

// interrupted ends the short way: from here on the sweeper looks for Redis to answer, checks for losses, sends what has gathered in the
// table, and opens the short way again.
func (o *Outbox) interrupted(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return // Run is ending, which says nothing about Redis: the relay goes on with what it has
	}
	if refused(err) {
		// One stream's trouble is not to slow the others down; its rows stay in the table and are tried again by the sweeper.
		o.cfg.Logger.ErrorContext(ctx, "outbox: Redis refuses messages", "error", err)
		return
	}
	if o.health.redis() == nil {
		o.cfg.Logger.WarnContext(ctx, "outbox: sending is interrupted", "error", err)
	}
	o.health.set(partRedis, err)
	o.wakeSweeper()
}

// refused reports whether Redis works, but the key of each topic in question is not a stream.
func refused(err error) bool {
	var batch *redisstream.BatchError
	if !errors.As(err, &batch) {
		return strings.HasPrefix(err.Error(), "WRONGTYPE")
	}
	return !slices.ContainsFunc(batch.Failures, func(f redisstream.Failure) bool {
		return !strings.HasPrefix(f.Err.Error(), "WRONGTYPE")
	})
}

// marker records what was sent, many batches in one UPDATE. It ends with the relay, when all is recorded, or with ctx.
func (o *Outbox) marker(ctx context.Context, relayed <-chan struct{}) {
	for {
		batch := collect(relayed, o.sent, o.cfg.BatchSize, o.cfg.MarkDelay)
		if len(batch) == 0 {
			return
		}
		err := o.markUntil(ctx, batch)
		for _, s := range batch {
			o.queue.forget(s.id, s.seq)
		}
		if err != nil {
			// They go out a second time. Consumers drop copies.
			o.cfg.Logger.WarnContext(ctx, "outbox: sent messages were not recorded", "messages", len(batch), "error", err)
		}
		o.health.set(partMark, err)
	}
}

// markUntil tries until markTimeout after the batch was sent.
func (o *Outbox) markUntil(ctx context.Context, batch []sentRow) error {
	ctx, cancel := context.WithDeadline(ctx, batch[0].at.Add(markTimeout))
	defer cancel()
	for failures := 0; ; failures++ {
		err := store.Protect(func() error { return o.mark(ctx, batch) })
		if err == nil || ctx.Err() != nil {
			return err
		}
		o.health.set(partMark, err)
		pause(ctx, backoff(failures), nil)
	}
}

// topics that are known to have a stream.
type topics struct {
	mu    sync.Mutex
	known map[string]bool
}

func (t *topics) has(topic string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.known[topic]
}

func (t *topics) set(topic string, known bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known == nil {
		t.known = map[string]bool{}
	}
	t.known[topic] = known
}
