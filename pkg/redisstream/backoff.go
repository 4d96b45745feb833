package redisstream

import (
	"context"
	"math/rand/v2"
	"time"
)

// backoff is the wait before try number attempt+1: lowest doubled with each attempt, up to highest, of which a random part up to a half is
// taken off, so that those who failed together don't come back together.
func backoff(lowest, highest time.Duration, attempt int) time.Duration {
	wait := lowest
	for ; attempt > 0 && wait < highest; attempt-- {
		wait *= 2
	}
	wait = min(wait, highest)
	return wait - rand.N(wait/2+1) //nolint:gosec // jitter needs no secrecy
}

// pause waits for d; it gives false when ctx is done before.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
