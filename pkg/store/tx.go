package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// querier is what sql.Tx and sql.Conn have in common.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Tx is a unit of work that is under way. It belongs to one goroutine.
type Tx struct {
	db           *DB
	ctx          context.Context // of the outermost unit: a transaction ends with the context that it began with
	conn         *sql.Conn       // nil until the first statement of Do, as are transaction and q
	transaction  *sql.Tx         // nil in Read
	q            querier
	readOnly     bool
	ended        atomic.Bool
	doomed       error // of a joined Do that failed
	queue        []statement
	beforeCommit []func(ctx context.Context) error
	onCommit     []func()
	attached     map[any]any
}

// begin takes a connection and begins the transaction, unless that is done.
func (tx *Tx) begin() error {
	switch {
	case tx.ended.Load():
		return errEnded
	case tx.q != nil:
		return nil
	}
	conn, err := tx.db.db.Conn(tx.ctx)
	if err != nil {
		return err
	}
	transaction, err := conn.BeginTx(tx.ctx, nil)
	if err != nil {
		return errors.Join(err, conn.Close())
	}
	tx.conn, tx.transaction, tx.q = conn, transaction, transaction
	return nil
}

// end rolls back what is not committed, and gives the connection back to the pool.
func (tx *Tx) end(ctx context.Context) {
	tx.ended.Store(true)
	if tx.transaction != nil {
		if err := tx.transaction.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
			tx.db.log.WarnContext(ctx, "rollback failed", "error", err)
		}
	}
	if tx.conn != nil {
		_ = tx.conn.Close() // it goes back to the pool, whatever the transaction came to
	}
}

// statement waits in the queue for Flush. A statement with onMiss must change exactly one row.
type statement struct {
	query  string
	args   []any
	onMiss error
}

var errReadOnly = errors.New("store: write within Read")

// Writable reports whether the unit of work may write: within Do, and not within Read. For code that serves both, and keeps what it
// learned where it can.
func (tx *Tx) Writable() bool { return !tx.readOnly }

// Exec runs one statement now and says how many rows it changed.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if tx.readOnly {
		return 0, errReadOnly
	}
	if err := tx.Flush(ctx); err != nil {
		return 0, err
	}
	if err := tx.begin(); err != nil {
		return 0, err
	}
	result, err := tx.q.ExecContext(ctx, query, tx.db.dialect.args(args)...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// Query runs a query. It sees what the unit of work has written, queued statements included. The caller closes the rows, or uses All.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	if err := tx.Flush(ctx); err != nil {
		return nil, err
	}
	if err := tx.begin(); err != nil {
		return nil, err
	}
	rows, err := tx.q.QueryContext(ctx, query, tx.db.dialect.args(args)...) //nolint:rowserrcheck // the caller, who reads them, checks
	if err != nil {
		return nil, err
	}
	return &Rows{Rows: rows, dialect: tx.db.dialect}, nil
}

// QueryRow runs a query of which the first row is wanted. Errors wait for Scan.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *Row {
	rows, err := tx.Query(ctx, query, args...)
	return &Row{rows: rows, err: err}
}

// Queue puts off a write until the commit (or the next statement that might depend on it), so that all of them go to Postgres in one
// round trip. An error in it fails the unit of work.
func (tx *Tx) Queue(query string, args ...any) {
	tx.queue = append(tx.queue, statement{query: query, args: args})
}

// QueueOne is Queue for a write that must change exactly one row, such as `UPDATE … WHERE id = $1 AND version = $2`; if it changes
// none, the unit of work fails with onMiss (ErrConflict lets it run again).
func (tx *Tx) QueueOne(onMiss error, query string, args ...any) {
	tx.queue = append(tx.queue, statement{query: query, args: args, onMiss: onMiss})
}

// Flush sends what is queued.
func (tx *Tx) Flush(ctx context.Context) error {
	if len(tx.queue) == 0 {
		return nil
	}
	if tx.readOnly {
		return errReadOnly
	}
	if err := tx.begin(); err != nil {
		return err
	}
	statements := tx.queue
	tx.queue = nil
	for i := range statements {
		statements[i].args = tx.db.dialect.args(statements[i].args)
	}
	return tx.db.dialect.execAll(ctx, tx, statements)
}

// execEach sends statements one by one.
func execEach(ctx context.Context, tx *Tx, statements []statement) error {
	for _, s := range statements {
		result, err := tx.q.ExecContext(ctx, s.query, s.args...)
		if err != nil {
			return err
		}
		if s.onMiss == nil {
			continue
		}
		if n, err := result.RowsAffected(); err != nil {
			return err
		} else if n != 1 {
			return s.onMiss
		}
	}
	return nil
}

// BeforeCommit adds a hook that runs after the work and before what is queued is sent. Hooks may queue writes and add hooks.
func (tx *Tx) BeforeCommit(hook func(ctx context.Context) error) {
	tx.beforeCommit = append(tx.beforeCommit, hook)
}

// OnCommit adds a function that runs once the unit of work is committed, and never if it is not. It must not block.
func (tx *Tx) OnCommit(f func()) { tx.onCommit = append(tx.onCommit, f) }

// Attach gives the value that belongs to key in this unit of work, and makes it at the first call. Packages keep their per-unit state
// (an outbox its messages) here, under a key of an unexported type or a pointer of their own.
func (tx *Tx) Attach(key any, make func() any) any {
	if value, ok := tx.attached[key]; ok {
		return value
	}
	if tx.attached == nil {
		tx.attached = map[any]any{}
	}
	value := make()
	tx.attached[key] = value
	return value
}

// SkipLocked ends a SELECT that takes rows for itself and leaves those that another replica has taken. In SQLite, where every unit of
// work has the database to itself, it is empty.
func (tx *Tx) SkipLocked() string { return tx.db.dialect.skipLocked }

// ForUpdate ends a SELECT that locks the rows it reads until the unit of work ends; empty in SQLite, see SkipLocked.
func (tx *Tx) ForUpdate() string { return tx.db.dialect.forUpdate }

// Rows is a result set. Its Scan takes *time.Time and *sql.Null[time.Time] on both databases.
type Rows struct {
	*sql.Rows
	dialect dialect
}

// Scan reads the columns of the row.
func (r *Rows) Scan(dest ...any) error { return r.Rows.Scan(r.dialect.dest(dest)...) }

// Scanner is a row of either kind: of several, or the only one.
type Scanner interface {
	Scan(dest ...any) error
}

// Row is the first row of a result.
type Row struct {
	rows *Rows
	err  error
}

// Scan reads the row, or gives ErrNoRows when there is none.
func (r *Row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close() // the read error is in Err
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	return r.rows.Close()
}

// All reads every row of a query with scan.
func All[T any](ctx context.Context, tx *Tx, scan func(row *Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() // the read error is in Err
	var all []T
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// textTime reads a time that SQLite keeps as text.
type textTime struct {
	to   *time.Time
	null *sql.Null[time.Time]
}

// Scan implements sql.Scanner.
func (t textTime) Scan(src any) error {
	var value time.Time
	switch src := src.(type) {
	case nil:
		if t.null == nil {
			return errors.New("store: NULL for a time.Time; scan into sql.Null[time.Time]")
		}
		*t.null = sql.Null[time.Time]{}
		return nil
	case time.Time:
		value = src.UTC()
	case string:
		parsed, err := time.Parse(time.RFC3339Nano, src)
		if err != nil {
			return fmt.Errorf("store: a time column holds %q: %w", src, err)
		}
		value = parsed.UTC()
	default:
		return fmt.Errorf("store: a time column holds a %T", src)
	}
	if t.null != nil {
		*t.null = sql.Null[time.Time]{V: value, Valid: true}
		return nil
	}
	*t.to = value
	return nil
}
