package service

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"mallbots.example/pkg/store"
)

const (
	// firstRestart is soon: most loops end because of one bad moment of a database or a peer.
	firstRestart = 200 * time.Millisecond
	// longestRestart keeps a loop that can't run from filling the log.
	longestRestart = 10 * time.Second
	// steady is how long a loop must run for its earlier failures to be forgotten.
	steady = 30 * time.Second
)

// loop is one long-lived activity of a process.
type loop struct {
	name string
	run  func(ctx context.Context) error
	log  *slog.Logger
	// relay loops end last: they send what the others leave.
	relay bool
}

// supervisor keeps loops running.
type supervisor struct {
	wg     sync.WaitGroup
	broken sync.Map // name of a loop that waits to be started again → error
}

// start runs l until ctx ends.
func (s *supervisor) start(ctx context.Context, l loop) {
	s.wg.Go(func() {
		pause := firstRestart
		for {
			started := time.Now()
			err := store.Protect(func() error { return l.run(ctx) })
			if ctx.Err() != nil {
				if err != nil && !errors.Is(err, ctx.Err()) {
					l.log.Warn("loop ended while stopping", "loop", l.name, "error", err)
				}
				return
			}
			if err == nil {
				err = errors.New("it returned")
			}
			if time.Since(started) > steady {
				pause = firstRestart
			}
			s.broken.Store(l.name, err)
			l.log.Error("loop ended; it is started again", "loop", l.name, "error", err, "stack", stackOf(err), "after", pause)
			timer := time.NewTimer(pause + time.Duration(rand.Int64N(int64(pause))))
			select {
			case <-ctx.Done():
				timer.Stop()
				return
			case <-timer.C:
			}
			s.broken.Delete(l.name)
			pause = min(2*pause, longestRestart)
		}
	})
}

func stackOf(err error) string {
	var panicked *store.PanicError
	if errors.As(err, &panicked) {
		return panicked.Stack
	}
	return ""
}

// check gives the loops that are not running.
func (s *supervisor) check() error {
	var errs []error
	s.broken.Range(func(name, err any) bool {
		errs = append(errs, errors.New(name.(string)+": "+err.(error).Error()))
		return true
	})
	return errors.Join(errs...)
}

// wait until every loop has ended, or ctx.
func (s *supervisor) wait(ctx context.Context) error {
	ended := make(chan struct{})
	go func() {
		s.wg.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return errors.New("some loops did not end in time")
	}
}
