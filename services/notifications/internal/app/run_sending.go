package app

import (
	"context"
	"time"

	"mallbots.example/pkg/store"
)

const (
	// idlePoll is how often the table is looked at when nothing here says that it has news: rows of a replica that died.
	idlePoll = 5 * time.Second
	// takenPause is how long to leave due rows alone that other replicas have in hand.
	takenPause = 100 * time.Millisecond
)

// RunSending sends what is queued, at once when it was queued here, until ctx ends. It goes on through errors, which are logged.
func (a *App) RunSending(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-a.wake:
		case <-timer.C:
		}
		pause, err := a.sendUntilIdle(ctx)
		if err != nil && ctx.Err() == nil {
			a.Log.WarnContext(ctx, "notifications wait", "error", err)
		}
		timer.Reset(pause)
	}
}

// sendUntilIdle sends what is due and says how long to wait for the next.
func (a *App) sendUntilIdle(ctx context.Context) (pause time.Duration, err error) {
	for {
		taken, err := a.SendDue(ctx)
		if err != nil || ctx.Err() != nil {
			return idlePoll, err
		}
		if taken < dueAtOnce {
			break
		}
	}
	pause = idlePoll
	err = a.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		at, found, err := a.Notifications.NextDue(ctx, tx)
		if found {
			pause = min(max(at.Sub(a.Clock.Now()), takenPause), idlePoll)
		}
		return err
	})
	return pause, err
}
