package outbox

import (
	"context"
	"sync"
	"time"
)

// queue is what is in memory between a commit and its mark: bounded, and known by id, so that the sweeper of this process leaves it alone.
type queue struct {
	rows     chan row
	maxBytes int64

	mu       sync.Mutex
	bytes    int64
	held     map[string]heldRow
	swept    map[string]int64 // seq by id of the rows that the sweeper took last
	overflow bool             // something did not fit since the last call of overflowed
}

type heldRow struct {
	seq   int64
	bytes int64
}

func newQueue(size int, maxBytes int64) *queue {
	return &queue{rows: make(chan row, size), maxBytes: maxBytes, held: map[string]heldRow{}}
}

// push adds rows in their order as far as there is room.
func (q *queue) push(rows []row) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, r := range rows {
		if seq, ok := q.swept[r.id]; ok && seq == r.seq {
			continue // the sweeper saw it between its commit and now
		}
		size := int64(len(r.msg.Payload))
		// One message of any size fits into an empty queue, or it could never go the short way.
		if q.bytes > 0 && q.bytes+size > q.maxBytes {
			q.overflow = true
			return
		}
		select {
		case q.rows <- r:
			q.bytes += size - q.held[r.id].bytes
			q.held[r.id] = heldRow{seq: r.seq, bytes: size}
		default:
			q.overflow = true
			return
		}
	}
}

// forget lets go of a row that was marked, or given up for the sweeper to find.
func (q *queue) forget(id string, seq int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if held, ok := q.held[id]; ok && held.seq == seq { // and not of a newer one with the same id
		q.bytes -= held.bytes
		delete(q.held, id)
	}
}

// reserve gives those of rows to the sweeper that are not here, and keeps them from coming here.
func (q *queue) reserve(rows []row) []row {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.swept = make(map[string]int64, len(rows))
	var free []row
	for _, r := range rows {
		if _, ok := q.held[r.id]; !ok {
			q.swept[r.id] = r.seq
			free = append(free, r)
		}
	}
	return free
}

// overflowed reports whether rows were left to the sweeper since the last call.
func (q *queue) overflowed() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	was := q.overflow
	q.overflow = false
	return was
}

// collect waits for a first value, then gives up to n values: all that are at hand, and those that come within linger. It gives none
// when end is done before the first (a value at hand is given even then).
func collect[T any](end <-chan struct{}, values <-chan T, n int, linger time.Duration) []T {
	var batch []T
	select {
	case v := <-values:
		batch = append(batch, v)
	default:
		select {
		case v := <-values:
			batch = append(batch, v)
		case <-end:
			return nil
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), linger)
	defer cancel()
	for len(batch) < n {
		select {
		case v := <-values:
			batch = append(batch, v)
			continue
		default:
		}
		select {
		case v := <-values:
			batch = append(batch, v)
		case <-ctx.Done():
			return batch
		case <-end:
			return batch
		}
	}
	return batch
}
