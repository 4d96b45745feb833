package outbox

import (
	"context"
	"errors"
	"time"
)

// sweepRound sends what the relay has left over, and looks for losses when it is time. If the short way is closed it first waits for Redis
// to answer, and opens it.
func (o *Outbox) sweepRound(ctx context.Context, woken bool) error {
	if o.health.redis() != nil {
		if err := o.ping(ctx); err != nil {
			o.interrupted(ctx, err)
			return err
		}
		// First open, then look: a unit that is committed in between finds the way open, one before is found in the table. Nor does
		// opening wait for the loss check, which may have a long way to go; what it finds is sent behind newer messages then.
		o.health.set(partRedis, nil)
		o.cfg.Logger.InfoContext(ctx, "outbox: sending")
		o.loss.reconnected, woken = true, true
	}
	if woken || time.Since(o.swept) >= o.cfg.SweepInterval {
		dueBefore := o.cfg.Clock.Now()
		if woken {
			// Nobody in this process has what was committed while the short way was closed or full. Rows of a head start are taken
			// too; claimed ones (see claimTime) are not.
			dueBefore = dueBefore.Add(o.cfg.HeadStart)
		}
		o.swept = time.Now()
		if err := o.sweep(ctx, dueBefore); err != nil {
			return err
		}
		// The database works, and what could not be recorded is the sweeper's. Without this the marker would stay unwell until the next
		// message, which a pod that is not ready never gets.
		o.health.set(partMark, nil)
	}
	if o.checkIsDue() {
		return o.check(ctx)
	}
	return nil
}

// ping asks Redis for a sign of life.
func (o *Outbox) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	return o.cfg.Redis.Ping(ctx).Err()
}

// sweep sends all rows that are due before the given time. It goes through the table once, in order.
func (o *Outbox) sweep(ctx context.Context, dueBefore time.Time) error {
	var cursor position
	var refusal error
	for more := true; more; {
		var batch []row
		var err error
		if batch, more, err = o.claim(ctx, dueBefore.UnixMicro(), &cursor); err != nil {
			return err
		}
		if err := o.sendClaimed(ctx, batch); err != nil {
			if !refused(err) {
				return err
			}
			refusal = err
		}
		if o.checkIsDue() { // a long backlog must not put it off
			if err := o.check(ctx); err != nil {
				return err
			}
		}
	}
	return refusal
}

func (o *Outbox) sendClaimed(ctx context.Context, batch []row) error {
	if len(batch) == 0 {
		return nil
	}
	// What is under way is finished and recorded even when Run is ending; what was not sent shall not wait for claimTime.
	draining, cancel := o.outlive(ctx)
	defer cancel()
	sent, unsent, err := o.send(draining, batch)
	marking, cancel := context.WithTimeout(draining, markTimeout)
	defer cancel()
	if markErr := o.mark(marking, sent); markErr != nil {
		return errors.Join(err, markErr) // what was claimed comes up again after claimTime
	}
	if err == nil || refused(err) {
		return err // what is refused is not released: it is tried again after claimTime, not in a hot loop
	}
	o.interrupted(ctx, err)
	return errors.Join(err, o.release(marking, unsent))
}
