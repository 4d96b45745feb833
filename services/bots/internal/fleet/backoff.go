package fleet

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	// firstPause is short: most streams break because a replica of depot is being replaced, and the others are there.
	firstPause = 100 * time.Millisecond
	// longestPause keeps a fleet from keeping a depot busy that is barely back, and is not long for a customer who waits.
	longestPause = 5 * time.Second
)

// backoff paces a bot's attempts. The zero backoff is ready.
type backoff struct{ pause time.Duration }

// next is how long to wait after an attempt that lasted so long: twice as long each time, up to longestPause, unless it went well for a
// while. Half of it is random, so that bots that lost depot together do not come back together.
func (b *backoff) next(lasted time.Duration) time.Duration {
	if b.pause == 0 || lasted > longestPause {
		b.pause = firstPause
	} else {
		b.pause = min(2*b.pause, longestPause)
	}
	return b.pause/2 + rand.N(b.pause/2)
}

// sleep reports whether the time is over; it gives up when ctx ends.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
