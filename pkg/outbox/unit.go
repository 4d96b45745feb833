package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	wmessage "github.com/ThreeDotsLabs/watermill/message"

	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
)

// row is a message of the outbox.
type row struct {
	id    string
	topic string
	seq   int64
	msg   *wmessage.Message
}

// unit is the messages of one unit of work.
type unit struct {
	outbox  *Outbox
	pending []row          // not inserted yet
	places  map[string]int // of pending, by id
	done    []row          // inserted
	hooked  bool
	err     error // what keeps the unit from being committed
}

func (u *unit) add(ctx context.Context, out message.Outgoing) {
	o := u.outbox
	now := o.cfg.Clock.Now()
	out.Meta = out.Meta.Complete(ctx, o.cfg.IDs, o.cfg.Source, now)
	msg, err := encode(out)
	if err != nil {
		if u.err == nil {
			u.err = err
		}
		return
	}
	r := row{id: msg.UUID, topic: out.Topic, seq: o.nextSeq(now), msg: msg}
	if i, ok := u.places[r.id]; ok { // one INSERT can't change a row twice, and the last one would win anyway
		u.pending[i] = r
		return
	}
	u.places[r.id] = len(u.pending)
	u.pending = append(u.pending, r)
}

func encode(out message.Outgoing) (*wmessage.Message, error) {
	if out.Topic == "" {
		return nil, fmt.Errorf("outbox: no topic for %s", message.TypeOf(out.Body))
	}
	msg, err := message.Encode(out)
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	if len(msg.Payload) > maxPayload {
		return nil, fmt.Errorf("outbox: %s of %d bytes is larger than %d", message.TypeOf(out.Body), len(msg.Payload), maxPayload)
	}
	return msg, nil
}

// insert queues the rows. Hooks of others may publish more afterwards; then it is called again.
func (u *unit) insert(tx *store.Tx) error {
	u.hooked = false
	if u.err != nil {
		return u.err
	}
	for rows := range slices.Chunk(u.pending, statementRows) {
		if err := u.insertChunk(tx, rows); err != nil {
			return err
		}
	}
	u.done = append(u.done, u.pending...)
	u.pending, u.places = nil, map[string]int{}
	return nil
}

func (u *unit) insertChunk(tx *store.Tx, rows []row) error {
	due := u.outbox.cfg.Clock.Now().Add(u.outbox.cfg.HeadStart).UnixMicro()
	args := make([]any, 0, 6*len(rows))
	for _, r := range rows {
		metadata, err := json.Marshal(r.msg.Metadata)
		if err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
		args = append(args, r.id, r.topic, string(metadata), []byte(r.msg.Payload), r.seq, due)
	}
	tx.Queue(`INSERT INTO outbox (id, topic, metadata, payload, seq, due_at) VALUES `+tuples(len(rows), 1, "", "", "", "", "", "")+`
		ON CONFLICT (id) DO UPDATE SET topic = excluded.topic, metadata = excluded.metadata, payload = excluded.payload,
			seq = excluded.seq, due_at = excluded.due_at, sent_at = NULL, stream_id = NULL`, args...)
	return nil
}

// handOver gives the rows of a committed unit to the relay. It never blocks: what does not fit is the sweeper's.
func (u *unit) handOver() {
	o := u.outbox
	for _, r := range u.done {
		message.LogSent(o.cfg.Logger, r.msg)
	}
	if o.health.redis() != nil {
		return
	}
	o.queue.push(u.done)
}
