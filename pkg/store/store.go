// Package store is the unit of work: one transaction that holds a use case's reads, its writes and its outgoing messages, on Postgres
// (the truth of a real mall) or SQLite (the embedded default).
//
// Queries are written once, with $1-style parameters and types both databases understand (TEXT, BIGINT, BOOLEAN, TIMESTAMPTZ, BYTEA,
// JSONB). What differs (locking, times, placing several statements in one round trip) is inside this package. Times are UTC in whole
// microseconds; in SQLite they are text of a fixed width, so that they sort.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"mallbots.example/pkg/fault"
)

// ErrNoRows is what Row.Scan gives when the query found nothing.
var ErrNoRows = sql.ErrNoRows

// ErrConflict says that another unit of work changed the same aggregate first. Do runs the unit again.
var ErrConflict = errors.New("store: changed by another unit of work")

// ConflictReason is the reason of the fault that Do gives when every retry met a conflict.
const ConflictReason = "VERSION_CONFLICT"

// maxAttempts of a unit of work that meets conflicts. With n writers of one aggregate the last of them needs n attempts, and more than
// a handful of writers of one basket or order is a caller's mistake, which ABORTED tells it.
const maxAttempts = 5

// DB is one service's database.
type DB struct {
	db      *sql.DB
	dialect dialect
	keep    io.Closer // what must stay open as long as the database does (see openSQLite)
	log     *slog.Logger
}

// Close closes the pool. Units of work in flight fail.
func (db *DB) Close() error {
	err := db.db.Close()
	if db.keep != nil {
		err = errors.Join(err, db.keep.Close())
	}
	return err
}

// Ping asks the database for a sign of life.
func (db *DB) Ping(ctx context.Context) error { return db.db.PingContext(ctx) }

// Lanes is how many units of work are worth running side by side: SQLite has one writer.
func (db *DB) Lanes() int { return db.dialect.lanes }

// Do runs work in one transaction and commits it. When work or the commit meets a conflict with another unit, the whole of work runs
// again, up to maxAttempts times; then Do gives a fault.Conflict. Work must therefore have no effect outside the transaction; OnCommit
// is for those. An error or a panic rolls back; the panic goes on to the caller.
//
// The transaction begins with the first statement: what work does before, such as asking another service, holds no connection.
//
// Within the context that work is given, Do and Read of the same database join the unit: one transaction, committed at the end of the
// outermost. When an inner one fails, the outermost fails, even if the caller of the inner one goes on. The context is of no use when
// the unit has ended, nor for two goroutines at once: both are errors.
func (db *DB) Do(ctx context.Context, work func(ctx context.Context, tx *Tx) error) error {
	if joined, err := db.join(ctx, func(tx *Tx) error { return tx.joinDo(ctx, work) }); joined {
		return err
	}
	for attempt := 1; ; attempt++ {
		tx, err := db.run(ctx, work)
		if err == nil {
			for _, f := range tx.onCommit {
				f()
			}
			return nil
		}
		if !db.isConflict(err) {
			return atFault(err)
		}
		if attempt == maxAttempts {
			db.log.WarnContext(ctx, "unit of work gave up", "attempts", attempt, "error", err)
			return &fault.Error{
				Kind: fault.Conflict, Reason: ConflictReason,
				Message: "others changed the same data at the same time; try again",
			}
		}
		if err := pause(ctx, attempt); err != nil {
			return err
		}
	}
}

// pause keeps units that lost a race with each other from racing again in step: up to 1, 2, 4, 8 ms, about the time of a commit.
func pause(ctx context.Context, attempt int) error {
	timer := time.NewTimer(time.Duration(rand.Int64N(int64(time.Millisecond) << (attempt - 1))))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// run is one attempt of Do.
func (db *DB) run(ctx context.Context, work func(ctx context.Context, tx *Tx) error) (*Tx, error) {
	tx := &Tx{db: db, ctx: ctx}
	defer tx.end(ctx)
	within := tx.within(ctx)
	if err := tx.verdict(work(within, tx)); err != nil {
		return nil, err
	}
	for len(tx.beforeCommit) > 0 {
		hooks := tx.beforeCommit
		tx.beforeCommit = nil
		for _, hook := range hooks {
			if err := tx.verdict(hook(within)); err != nil {
				return nil, err
			}
		}
	}
	if err := tx.Flush(within); err != nil {
		return nil, err
	}
	if tx.transaction != nil {
		if err := tx.transaction.Commit(); err != nil {
			return nil, err
		}
	}
	return tx, nil
}

// Read runs work on one connection without a transaction: each query sees what is committed when it starts. Work must not write. See Do
// for a Read within a unit of work.
func (db *DB) Read(ctx context.Context, work func(ctx context.Context, tx *Tx) error) error {
	if joined, err := db.join(ctx, func(tx *Tx) error { return tx.joinRead(ctx, work) }); joined {
		return err
	}
	conn, err := db.db.Conn(ctx)
	if err != nil {
		return atFault(err)
	}
	tx := &Tx{db: db, ctx: ctx, conn: conn, q: conn, readOnly: true}
	defer tx.end(ctx)
	if err := work(tx.within(ctx), tx); err != nil {
		return atFault(err)
	}
	return atFault(tx.Flush(ctx)) // an error if work queued a write
}

// Protect turns a panic of work into an error that carries the stack: for loops and handlers that must outlive one bad case.
func Protect(work func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = &PanicError{Cause: cause, Stack: string(debug.Stack())}
		}
	}()
	return work()
}

// PanicError is a panic that Protect caught.
type PanicError struct {
	Cause any
	Stack string
}

// Error implements error.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Cause) }

// sqliteTime is the form of times in SQLite: of fixed width and in UTC, so that text order is time order.
const sqliteTime = "2006-01-02T15:04:05.000000Z"

func utc(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
