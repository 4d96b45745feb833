package outbox

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"mallbots.example/pkg/store"
)

var (
	errNotRunning = errors.New("outbox: not running")
	errStarting   = errors.New("outbox: starting")
)

// The parts of the outbox that can be unwell.
const (
	partRedis = iota // sending: while it is unwell, nothing is kept in memory and the sweeper sends all
	partMark         // recording what was sent
	partSweeper
	partRetention
	parts
)

type health struct {
	mu   sync.Mutex
	errs [parts]error
}

func (h *health) set(part int, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.errs[part] = err
}

// redis says why the short way to Redis is closed; nil while it is open.
func (h *health) redis() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.errs[partRedis]
}

// err leaves retention out: rows that stay too long keep no message from going out.
func (h *health) err() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return errors.Join(h.errs[partRedis], h.errs[partMark], h.errs[partSweeper])
}

// loop calls work at once, then at each interval and whenever woken (which it tells work), until ctx ends. After an error or a panic it
// tries again after a backoff, or at the interval if that is sooner.
func (o *Outbox) loop(ctx context.Context, name string, part int, interval time.Duration, wake <-chan struct{},
	work func(ctx context.Context, woken bool) error,
) {
	woken := false
	for failures := 0; ctx.Err() == nil; {
		err := store.Protect(func() error { return work(ctx, woken) })
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			failures = 0
			o.health.set(part, nil)
			woken = pause(ctx, interval, wake)
			continue
		}
		o.health.set(part, fmt.Errorf("outbox %s: %w", name, err))
		o.cfg.Logger.WarnContext(ctx, "outbox: a loop failed and tries again", "loop", name, "failures", failures+1, "error", err)
		pause(ctx, min(interval, backoff(failures)), nil) // to be woken must not make the loop hot
		failures++
		woken = true // what it was to do is yet to be done
	}
}

// backoff doubles from minBackoff to maxBackoff, with half of it at random, so that replicas do not come back all at once.
func backoff(failures int) time.Duration {
	full := min(minBackoff<<min(failures, 10), maxBackoff)
	return full/2 + rand.N(full/2)
}

// pause waits for d, for wake or for the end of ctx, and reports whether it was woken.
func pause(ctx context.Context, d time.Duration, wake <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-wake:
		return true
	}
	return false
}

// wakeSweeper makes it look at once. One wake waits at most: a second adds nothing.
func (o *Outbox) wakeSweeper() {
	select {
	case o.poke <- struct{}{}:
	default:
	}
}
