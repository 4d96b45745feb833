package service

import (
	"context"
	"time"
)

// Between two tries to reach what a start needs: soon, because a whole mall often starts at once and its database is a moment late, and
// seldom enough that many processes that wait are no load.
const (
	firstRetry   = 100 * time.Millisecond
	longestRetry = 2 * time.Second
)

// await tries until it succeeds, for at most Config.StartTimeout, and gives the last error. Each problem is logged once and told by
// readiness, so that whoever looks at a process that waits finds out for what.
func (p *Process) await(ctx context.Context, try func(ctx context.Context) error) error {
	over := time.Now().Add(p.Config.StartTimeout)
	told := ""
	for pause := firstRetry; ; pause = min(2*pause, longestRetry) {
		err := try(ctx)
		if err == nil || ctx.Err() != nil || !time.Now().Add(pause).Before(over) {
			return err
		}
		p.ready.waits(err)
		if err.Error() != told {
			told = err.Error()
			p.Log.WarnContext(ctx, "waiting to start", "error", err, "until", over.UTC().Format(time.RFC3339))
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
}
