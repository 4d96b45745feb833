package store

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
)

var (
	errEnded  = errors.New("store: the unit of work of this context has ended")
	errAtOnce = errors.New("store: used twice at once within one unit of work, or with a context that is not the one its work was given")
	errApart  = errors.New("store: apart from a unit of work that has begun")
)

// scopeKey finds the unit of work of a database in a context. Units of other databases have other keys: they are never joined.
type scopeKey struct{ db *DB }

// scope is one level of nesting within a unit of work. Work finds it in its context, so that what it calls joins the unit.
type scope struct {
	tx    *Tx
	apart bool
	busy  atomic.Bool // something has joined and is not done
}

// within is the context for work that is part of tx.
func (tx *Tx) within(ctx context.Context) context.Context {
	return context.WithValue(ctx, scopeKey{tx.db}, &scope{tx: tx})
}

// Apart gives a context in which Do and Read do not join the unit of work of ctx but stand for themselves: for a use case that is too long
// for one transaction and is made of several, each of which may be repeated. The unit of ctx must have done nothing so far, or they fail:
// on SQLite they would wait for it for ever.
func (db *DB) Apart(ctx context.Context) context.Context {
	s, ok := ctx.Value(scopeKey{db}).(*scope)
	if !ok {
		return ctx
	}
	return context.WithValue(ctx, scopeKey{db}, &scope{tx: s.tx, apart: true})
}

// join runs something within the unit of work of ctx; joined is false when there is none. A unit belongs to one goroutine, so that a second
// caller at the same level is refused, and so is one that comes when the unit is over.
func (db *DB) join(ctx context.Context, run func(tx *Tx) error) (joined bool, err error) {
	s, ok := ctx.Value(scopeKey{db}).(*scope)
	switch {
	case !ok:
		return false, nil
	case s.tx.ended.Load():
		return true, errEnded
	case s.apart && s.tx.q != nil:
		return true, errApart
	case s.apart:
		return false, nil
	case !s.busy.CompareAndSwap(false, true):
		return true, errAtOnce
	}
	defer s.busy.Store(false)
	return true, run(s.tx)
}

// joinDo is Do within tx. An error goes to the caller as it is, a conflict too: it is for the outermost unit to run again. Whatever the
// caller makes of it, the unit is not committed: it may hold half of what work wanted.
func (tx *Tx) joinDo(ctx context.Context, work func(ctx context.Context, tx *Tx) error) (err error) {
	if tx.readOnly {
		return errReadOnly
	}
	err = errors.New("panic") // unless work returns
	defer func() { tx.doom(err) }()
	err = work(tx.within(ctx), tx)
	return err
}

// joinRead is Read within tx. It sees what the unit has written so far; an error of it does not doom the unit, since it wrote nothing.
func (tx *Tx) joinRead(ctx context.Context, work func(ctx context.Context, tx *Tx) error) (err error) {
	if tx.readOnly {
		return work(tx.within(ctx), tx)
	}
	if err := tx.Flush(ctx); err != nil { // the unit's own writes: what is queued from here on is not allowed
		tx.doom(err)
		return err
	}
	tx.readOnly = true
	defer func() {
		tx.readOnly = false
		if len(tx.queue) > 0 {
			tx.queue = nil
			tx.doom(errReadOnly)
			err = errors.Join(err, errReadOnly)
		}
	}()
	return work(tx.within(ctx), tx)
}

// doom keeps the unit of work from being committed.
func (tx *Tx) doom(err error) {
	if tx.doomed == nil {
		tx.doomed = err
	}
}

// verdict is what becomes of a unit whose work gave err. A conflict that the work did not pass on counts as one nevertheless: the unit
// runs again.
func (tx *Tx) verdict(err error) error {
	switch {
	case err != nil && !tx.db.isConflict(tx.doomed):
		return err
	case tx.doomed != nil:
		return fmt.Errorf("store: a part of the unit of work failed: %w", tx.doomed)
	}
	return err
}
