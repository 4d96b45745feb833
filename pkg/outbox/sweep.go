package outbox

import (
	"context"
	"errors"
	"time"
)

// sweepRound sends what the relay has left over. If the short way is closed it first asks whether Redis is there, checks for losses,
// and opens it.
func (o *Outbox) sweepRound(ctx context.Context, woken bool) error {
	closed := o.health.get(partRedis) != nil
	if closed || o.checkIsDue() {
		if err := o.check(ctx, closed); err != nil {
			return err
		}
	}
	if !closed && !woken && time.Since(o.swept) < o.cfg.SweepInterval {
		return nil
	}
	dueBefore := o.cfg.Clock.Now()
	if closed || woken {
		// Nobody in this process has what was committed while the short way was closed or full. Rows of a head start are taken too,
		// claimed ones (see claimTime) are not.
		dueBefore = dueBefore.Add(o.cfg.HeadStart)
	}
	if closed {
		// First open, then look: a unit that is committed in between finds the way open, one before is found in the table.
		o.health.set(partRedis, nil)
		o.cfg.Logger.InfoContext(ctx, "outbox: sending")
	}
	o.swept = time.Now()
	return o.sweep(ctx, dueBefore)
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
			if err := o.check(ctx, false); err != nil {
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
	sent, unsent, err := o.send(ctx, batch)
	if len(sent) > 0 {
		if markErr := o.mark(ctx, sent); markErr != nil {
			return errors.Join(err, markErr) // what was claimed comes up again after claimTime
		}
	}
	if err == nil {
		return nil
	}
	if refused(err) {
		return err // not released: what is refused is tried again after claimTime, not in a hot loop
	}
	o.interrupted(ctx, err)
	return errors.Join(err, o.release(ctx, unsent))
}
