package message

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"mallbots.example/pkg/store"
)

const (
	// deferredBatch rows are looked at in one go; each runs in a unit of its own.
	deferredBatch = 64
	// idlePoll is how often the deferred table is looked at when nothing here says that it has news: rows of a replica that died.
	idlePoll = 5 * time.Second
	// pruneInterval is how often the inbox is pruned.
	pruneInterval = time.Hour
	// takenPause is how long to leave due messages alone that other replicas have in hand.
	takenPause = 100 * time.Millisecond
)

var (
	// errTaken says that another replica has the message in hand or is done with it.
	errTaken = errors.New("another replica has the message")
	// errNoHandler is why a message is kept that an earlier release of the service handled, or a later one will.
	errNoHandler = errors.New("this release has no handler for the type")
)

// deferred is a message that waits to be tried again.
type deferred struct {
	id       string
	topic    string
	metadata []byte
	payload  []byte
	attempts int
	firstAt  time.Time
	meta     Meta // for the log; empty if metadata can't be read
}

// putOff writes down a failed attempt: into deferred, or, when it was the last or the message can't be read, into the dead letters.
func (c *Consumer) putOff(tx *store.Tx, d deferred, cause error) {
	d.attempts++
	if d.payload == nil {
		d.payload = []byte{} // an empty body is not NULL
	}
	now := c.cfg.Clock.Now()
	text, stack := printable(cause.Error()), ""
	var panicked *store.PanicError
	if errors.As(cause, &panicked) {
		stack = printable(panicked.Stack)
	}
	tx.OnCommit(func() {
		c.cfg.Logger.Error("message failed", "topic", d.topic, "type", d.meta.Type, "subject", d.meta.Subject,
			"correlation_id", d.meta.CorrelationID, "message_id", d.id, "attempts", d.attempts, "error", text, "stack", stack)
	})
	if d.attempts >= c.cfg.Policy.Attempts || errors.Is(cause, errUndecodable) {
		tx.Queue(`DELETE FROM deferred WHERE message_id = $1`, d.id)
		tx.Queue(`INSERT INTO dead_letters (message_id, topic, metadata, payload, attempts, error, stack, first_at, failed_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			ON CONFLICT (message_id) DO UPDATE SET attempts = excluded.attempts, error = excluded.error, stack = excluded.stack,
				failed_at = excluded.failed_at`, // it lay here longer than the inbox remembers, and came again
			d.id, d.topic, d.metadata, d.payload, d.attempts, text, stack, d.firstAt, now)
		tx.OnCommit(func() { c.metrics.count(d.topic, "", resultDead) })
		return
	}
	tx.Queue(`INSERT INTO deferred (message_id, topic, metadata, payload, attempts, error, first_at, next_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (message_id) DO UPDATE SET attempts = excluded.attempts, error = excluded.error, next_at = excluded.next_at`,
		d.id, d.topic, d.metadata, d.payload, d.attempts, text, d.firstAt, now.Add(c.cfg.Policy.pause(d.attempts)))
	tx.OnCommit(func() {
		c.metrics.count(d.topic, "", resultDeferred)
		select {
		case c.poke <- struct{}{}:
		default:
		}
	})
}

// runDeferred tries deferred messages when they are due, until ctx ends.
func (c *Consumer) runDeferred(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	var pruned time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.poke:
		case <-timer.C:
		}
		next, err := c.retryDue(ctx)
		if now := c.cfg.Clock.Now(); err == nil && now.Sub(pruned) > pruneInterval {
			err = pruneInbox(ctx, c.cfg.DB, now)
			pruned = now
		}
		if err != nil && ctx.Err() == nil {
			c.cfg.Logger.WarnContext(ctx, "deferred messages wait", "error", err)
		}
		timer.Reset(next)
	}
}

// retryDue tries what is due and says how long to wait for the next.
func (c *Consumer) retryDue(ctx context.Context) (time.Duration, error) {
	for {
		var due []deferred
		var next time.Duration
		err := c.cfg.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
			now := c.cfg.Clock.Now()
			due, err = store.All(ctx, tx, scanDeferred,
				`SELECT message_id, topic, metadata, payload, attempts, first_at FROM deferred WHERE next_at <= $1 ORDER BY next_at LIMIT $2`,
				now, deferredBatch)
			if err != nil || len(due) > 0 {
				return err
			}
			var at time.Time
			err = tx.QueryRow(ctx, `SELECT next_at FROM deferred ORDER BY next_at LIMIT 1`).Scan(&at)
			if errors.Is(err, store.ErrNoRows) {
				next = idlePoll
				return nil
			}
			next = min(max(at.Sub(now), 0), idlePoll)
			return err
		})
		if err != nil {
			return idlePoll, err
		}
		if len(due) == 0 {
			return next, nil
		}
		taken := 0
		for _, d := range due {
			switch err := c.retry(ctx, d); {
			case errors.Is(err, errTaken):
				taken++
			case err != nil:
				return idlePoll, err
			}
		}
		if taken == len(due) {
			return takenPause, nil
		}
	}
}

func scanDeferred(row *store.Rows) (d deferred, err error) {
	return d, row.Scan(&d.id, &d.topic, &d.metadata, &d.payload, &d.attempts, &d.firstAt)
}

// retry runs one deferred message. An error that comes back is errTaken or the database's: the message stays as it was.
func (c *Consumer) retry(ctx context.Context, d deferred) error {
	m := message.NewMessage(d.id, d.payload)
	if err := json.Unmarshal(d.metadata, &m.Metadata); err != nil {
		return c.settle(ctx, d, func(tx *store.Tx) { c.putOff(tx, d, err) })
	}
	meta := DecodeMeta(m)
	d.meta = meta
	handler, known := c.handlers[d.topic][meta.Type]
	if !known {
		return c.settle(ctx, d, func(tx *store.Tx) { c.putOff(tx, d, errNoHandler) })
	}
	err := c.take(ctx, d, func(ctx context.Context, tx *store.Tx) error {
		tx.OnCommit(func() {
			c.metrics.count(d.topic, meta.Type, resultHandled)
			c.logHandled(ctx, meta)
		})
		return c.handle(ctx, tx, d.topic, handler, meta, m.Payload)
	})
	if refusal, refused := businessFailure(err); refused && handler.command {
		err = c.take(ctx, d, func(ctx context.Context, tx *store.Tx) error {
			tx.OnCommit(func() {
				c.metrics.count(d.topic, meta.Type, resultRefused)
				c.logRefused(ctx, meta, refusal.Reason)
			})
			c.answer(WithCause(ctx, meta), tx, failed(meta, refusal))
			return nil
		})
	}
	switch {
	case err == nil || errors.Is(err, errTaken) || ctx.Err() != nil:
		return err
	case isInfrastructure(err):
		return c.settle(ctx, d, func(tx *store.Tx) { c.postpone(tx, d, err) })
	default:
		return c.settle(ctx, d, func(tx *store.Tx) { c.putOff(tx, d, err) })
	}
}

// postpone lets the messages behind d go first, without counting the attempt: something that d needs is away.
func (c *Consumer) postpone(tx *store.Tx, d deferred, cause error) {
	tx.Queue(`UPDATE deferred SET next_at = $2 WHERE message_id = $1`, d.id, c.cfg.Clock.Now().Add(c.cfg.Policy.pause(d.attempts)))
	tx.OnCommit(func() {
		c.cfg.Logger.Warn("deferred message waits", "topic", d.topic, "type", d.meta.Type, "subject", d.meta.Subject,
			"correlation_id", d.meta.CorrelationID, "message_id", d.id, "error", cause)
	})
}

// take runs work in the unit that also removes d from the deferred table, unless another replica has d in hand.
func (c *Consumer) take(ctx context.Context, d deferred, work func(ctx context.Context, tx *store.Tx) error) error {
	return c.claim(ctx, d, func(ctx context.Context, tx *store.Tx) error {
		tx.Queue(`DELETE FROM deferred WHERE message_id = $1`, d.id)
		return work(ctx, tx)
	})
}

// settle writes down what became of an attempt.
func (c *Consumer) settle(ctx context.Context, d deferred, write func(tx *store.Tx)) error {
	return c.claim(ctx, d, func(_ context.Context, tx *store.Tx) error {
		write(tx)
		return nil
	})
}

// claim locks d's row for one unit of work; a row that is locked, gone or tried meanwhile is another replica's, and is left to it (errTaken).
func (c *Consumer) claim(ctx context.Context, d deferred, work func(ctx context.Context, tx *store.Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, unitTimeout)
	defer cancel()
	return c.do(ctx, func(ctx context.Context, tx *store.Tx) error {
		var id string
		err := tx.QueryRow(ctx, `SELECT message_id FROM deferred WHERE message_id = $1 AND attempts = $2`+tx.SkipLocked(), d.id, d.attempts).Scan(&id)
		if errors.Is(err, store.ErrNoRows) {
			return errTaken
		}
		if err != nil {
			return err
		}
		return work(ctx, tx)
	})
}
