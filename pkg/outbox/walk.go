package outbox

import (
	"context"
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"

	"mallbots.example/pkg/store"
)

// fieldUUID is the field of the message's id in watermill-redisstream's wire format.
const fieldUUID = "_watermill_message_uuid"

// present looks which entries are in their streams, in one round trip for each batch.
func (o *Outbox) present(ctx context.Context, entries []entry) ([]bool, error) {
	there := make([]bool, len(entries))
	for start := 0; ; start += o.cfg.BatchSize { // at least once: without entries it still asks whether Redis is there
		end := min(start+o.cfg.BatchSize, len(entries))
		if err := o.presentChunk(ctx, entries[start:end], there[start:end]); err != nil {
			return nil, fmt.Errorf("looking for sent messages: %w", err)
		}
		if end == len(entries) {
			return there, nil
		}
	}
}

func (o *Outbox) presentChunk(ctx context.Context, chunk []entry, there []bool) error {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	pipe := o.cfg.Redis.Pipeline()
	ping := pipe.Ping(ctx)
	found := make([]*redis.XMessageSliceCmd, len(chunk))
	for i, e := range chunk {
		if e.streamID != "" {
			id := unpadID(e.streamID)
			found[i] = pipe.XRange(ctx, e.topic, id, id)
		}
	}
	_, _ = pipe.Exec(ctx) // the commands' own errors are read below
	if err := ping.Err(); err != nil {
		return err
	}
	for i, cmd := range found {
		if cmd == nil {
			continue
		}
		messages, err := cmd.Result()
		if err != nil {
			if refused(err) {
				continue // the key is not a stream any more: as lost as a stream can be
			}
			return err
		}
		there[i] = len(messages) == 1 && messages[0].Values[fieldUUID] == chunk[i].messageID
	}
	return nil
}

// presentAmong looks which entries of one topic, newest first, are in their stream, by reading the part of the stream that they span:
// a few commands where one for each entry would cost Redis as many searches, which in the in-process one are scans of the stream.
func (o *Outbox) presentAmong(ctx context.Context, batch []entry) ([]bool, error) {
	held := map[string]any{} // message by stream id
	from, to := unpadID(batch[len(batch)-1].streamID), unpadID(batch[0].streamID)
	for page := int64(o.cfg.BatchSize); ; {
		messages, err := o.span(ctx, batch[0].topic, from, to, page)
		if err != nil {
			return nil, fmt.Errorf("looking for sent messages: %w", err)
		}
		for _, m := range messages {
			held[m.ID] = m.Values[fieldUUID]
		}
		if int64(len(messages)) < page {
			break
		}
		from = "(" + messages[len(messages)-1].ID
	}
	there := make([]bool, len(batch))
	for i, e := range batch {
		there[i] = held[unpadID(e.streamID)] == e.messageID
	}
	return there, nil
}

// span reads a part of a stream. A key that is not a stream any more has none: it is as lost as a stream can be.
func (o *Outbox) span(ctx context.Context, topic, from, to string, count int64) ([]redis.XMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	messages, err := o.cfg.Redis.XRangeN(ctx, topic, from, to, count).Result()
	if err != nil && refused(err) {
		return nil, nil
	}
	return messages, err
}

// walk goes back through the recorded rows of a topic and makes those unsent that are not in the stream. It ends at a whole batch that is
// there and reaches back to the verified entry.
func (o *Outbox) walk(ctx context.Context, t trail, verified bool) (lost int, err error) {
	floor := t.verified.streamID      // "" goes back to the first row
	before := t.newest.streamID + "0" // just above it
	for {
		batch, err := o.recorded(ctx, t.newest.topic, before)
		if err != nil || len(batch) == 0 {
			return lost, err
		}
		there, err := o.presentAmong(ctx, batch)
		if err != nil {
			o.interrupted(ctx, err)
			return lost, err
		}
		var missing []entry
		for i, e := range batch {
			if !there[i] {
				missing = append(missing, e)
			}
		}
		if err := o.unmark(ctx, missing); err != nil {
			return lost, err
		}
		lost += len(missing)
		before = batch[len(batch)-1].streamID
		if before <= floor && (verified || len(missing) == 0) {
			return lost, nil
		}
	}
}

// recorded reads a batch of rows, newest first.
func (o *Outbox) recorded(ctx context.Context, topic, before string) (batch []entry, err error) {
	err = o.cfg.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		batch, err = store.All(ctx, tx, func(rows *store.Rows) (entry, error) {
			e := entry{topic: topic}
			return e, rows.Scan(&e.messageID, &e.streamID)
		}, `SELECT id, stream_id FROM outbox WHERE topic = $1 AND stream_id IS NOT NULL AND stream_id < $2
			ORDER BY stream_id DESC LIMIT $3`, topic, before, o.cfg.BatchSize)
		return err
	})
	return batch, err
}

// unmark makes lost rows unsent. A row that another replica has unmarked, or even sent again, no longer has this stream id.
func (o *Outbox) unmark(ctx context.Context, lost []entry) error {
	if len(lost) == 0 {
		return nil
	}
	return o.cfg.DB.Do(ctx, func(_ context.Context, tx *store.Tx) error {
		now := o.cfg.Clock.Now().UnixMicro()
		for chunk := range slices.Chunk(lost, statementRows) {
			args := []any{now}
			for _, e := range padded(chunk) {
				args = append(args, e.messageID, e.streamID)
			}
			tx.Queue(`UPDATE outbox SET sent_at = NULL, stream_id = NULL, due_at = $1 FROM (VALUES `+
				tuples(len(args)/2, 2, "", "")+`) AS v WHERE outbox.id = v.column1 AND outbox.stream_id = v.column2`, args...)
		}
		return nil
	})
}
