// Package patience waits for servers that are not there yet.
package patience

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

const (
	// minWait and maxWait between two attempts: a server that starts is found within seconds of being there, and one that does not start
	// is not asked more often than a probe would.
	minWait = 250 * time.Millisecond
	maxWait = 5 * time.Second
	// attemptTime bounds one attempt: longer than making nine databases takes, shorter than people wait for a hung server.
	attemptTime = 30 * time.Second
)

// Patience waits.
type Patience struct {
	Log *slog.Logger
	// After gives a channel that receives once when d has passed; time.After.
	After func(d time.Duration) <-chan time.Time
}

// Wait is an error that time may mend: the server is not there yet.
func Wait(err error) error { return waiting{err} }

type waiting struct{ error }

func (w waiting) Unwrap() error { return w.error }

// Until attempts something until it works, fails with anything but Wait, or ctx ends: the error then is the cause of ctx's end with what
// was waited for. What went wrong is logged when it changes, not each time.
func (p Patience) Until(ctx context.Context, what string, attempt func(ctx context.Context) error) error {
	said := ""
	for wait := minWait; ; wait = min(2*wait, maxWait) {
		err := once(ctx, attempt)
		var w waiting
		if !errors.As(err, &w) {
			if err != nil {
				return fmt.Errorf("%s: %w", what, err)
			}
			return nil
		}
		if ctx.Err() == nil && err.Error() != said {
			said = err.Error()
			p.Log.InfoContext(ctx, "waiting", "for", what, "reason", said)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w for %s: %w", context.Cause(ctx), what, w.error)
		case <-p.After(wait):
		}
	}
}

func once(ctx context.Context, attempt func(ctx context.Context) error) error {
	if ctx.Err() != nil {
		return Wait(errors.New("no time was left to try"))
	}
	ctx, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	return attempt(ctx)
}
