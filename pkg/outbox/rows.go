package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	wmessage "github.com/ThreeDotsLabs/watermill/message"

	"mallbots.example/pkg/store"
)

// sentRow is a row that Redis has taken.
type sentRow struct {
	row
	streamID string // padded
	at       time.Time
}

// statementRows is how many rows one statement inserts or updates; the statements of a batch go in one round trip and one commit. It is a
// power of two (see roundUp). In SQLite a $1 is a name, which is looked for in a list: a statement's cost grows with the square of its size.
const statementRows = 128

// mark records entries, a batch in one commit. A row that was published again meanwhile has another seq and stays unsent.
func (o *Outbox) mark(ctx context.Context, sent []sentRow) error {
	if len(sent) == 0 {
		return nil
	}
	return o.cfg.DB.Do(ctx, func(_ context.Context, tx *store.Tx) error {
		now := o.cfg.Clock.Now()
		for chunk := range slices.Chunk(sent, statementRows) {
			args := []any{now}
			for _, s := range padded(chunk) {
				args = append(args, s.id, s.seq, s.streamID)
			}
			tx.Queue(`UPDATE outbox SET sent_at = $1, stream_id = v.column3 FROM (VALUES `+
				tuples(len(args)/3, 2, "", "BIGINT", "")+`) AS v WHERE outbox.id = v.column1 AND outbox.seq = v.column2`, args...)
		}
		return nil
	})
}

// claim takes up to a batch of unsent rows after the cursor that are due before the given time, in the order of their seq, for
// claimTime. It commits before anything is sent, so that no lock is held while Redis is waited for (SQLite has only one).
func (o *Outbox) claim(ctx context.Context, dueBefore int64, cursor *position) (claimed []row, more bool, err error) {
	start := *cursor
	err = o.cfg.DB.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
		*cursor = start // Do may run this again
		found, err := store.All(ctx, tx, scanRow, `SELECT id, topic, metadata, payload, seq FROM outbox
			WHERE sent_at IS NULL AND due_at <= $1 AND (seq, id) > ($2, $3) ORDER BY seq, id LIMIT $4`+tx.SkipLocked(),
			dueBefore, start.seq, start.id, o.cfg.BatchSize)
		if err != nil {
			return err
		}
		more, claimed = len(found) == o.cfg.BatchSize, o.queue.reserve(found)
		if len(found) > 0 {
			last := found[len(found)-1]
			*cursor = position{seq: last.seq, id: last.id}
		}
		until := o.cfg.Clock.Now().Add(claimTime).UnixMicro()
		setDue(tx, until, claimed)
		return nil
	})
	return claimed, more, err
}

// position in the order of rows.
type position struct {
	seq int64
	id  string
}

func scanRow(rows *store.Rows) (row, error) {
	var r row
	var metadata string
	var payload []byte
	if err := rows.Scan(&r.id, &r.topic, &metadata, &payload, &r.seq); err != nil {
		return row{}, err
	}
	r.msg = wmessage.NewMessage(r.id, payload)
	if err := json.Unmarshal([]byte(metadata), &r.msg.Metadata); err != nil {
		return row{}, fmt.Errorf("metadata of message %s: %w", r.id, err)
	}
	return r, nil
}

// release gives claimed rows back, so that the next sweep may have them at once.
func (o *Outbox) release(ctx context.Context, rows []row) error {
	return o.cfg.DB.Do(ctx, func(_ context.Context, tx *store.Tx) error {
		setDue(tx, o.cfg.Clock.Now().UnixMicro(), rows)
		return nil
	})
}

func setDue(tx *store.Tx, due int64, rows []row) {
	for chunk := range slices.Chunk(rows, statementRows) {
		args := []any{due}
		for _, r := range padded(chunk) {
			args = append(args, r.id)
		}
		tx.Queue(`UPDATE outbox SET due_at = $1 WHERE sent_at IS NULL AND id IN (VALUES `+tuples(len(args)-1, 2, "")+`)`, args...)
	}
}

// padded repeats the last row until their number is a power of two: statements of a few sizes only stay prepared on each connection, and
// to name a row twice changes nothing.
func padded[R any](rows []R) []R {
	all := slices.Clone(rows)
	for len(all)&(len(all)-1) != 0 {
		all = append(all, rows[len(rows)-1])
	}
	return all
}

// tuples is n times ($first,…) with a column for each type; "" needs no cast. Postgres takes the parameters of a bare VALUES for text.
func tuples(n, first int, types ...string) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, kind := range types {
			b.WriteByte("(,"[min(j, 1)])
			param := "$" + strconv.Itoa(first+i*len(types)+j)
			if kind != "" {
				param = "CAST(" + param + " AS " + kind + ")"
			}
			b.WriteString(param)
		}
		b.WriteByte(')')
	}
	return b.String()
}

// padID makes text order the order of stream ids: both halves are unsigned 64-bit numbers of up to 20 digits.
func padID(streamID string) string {
	ms, seq, _ := strings.Cut(streamID, "-")
	return strings.Repeat("0", max(0, 20-len(ms))) + ms + "-" + strings.Repeat("0", max(0, 20-len(seq))) + seq
}

// unpadID is the reverse of padID.
func unpadID(padded string) string {
	ms, seq, _ := strings.Cut(padded, "-")
	return trimZeros(ms) + "-" + trimZeros(seq)
}

func trimZeros(digits string) string {
	if trimmed := strings.TrimLeft(digits, "0"); trimmed != "" {
		return trimmed
	}
	return "0"
}
