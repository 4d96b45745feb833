package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	sqlitedriver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// dialect holds all that differs between the databases.
type dialect struct {
	name       string // as goose calls it
	lanes      int
	forUpdate  string
	skipLocked string
	args       func([]any) []any
	dest       func([]any) []any
	execAll    func(ctx context.Context, tx *Tx, statements []statement) error
}

var postgres = dialect{
	name: "postgres",
	// A commit waits for the disk; four lanes keep it busy and still leave batches to grow (P2 of the measured facts used eight).
	lanes:      4,
	forUpdate:  " FOR UPDATE",
	skipLocked: " FOR UPDATE SKIP LOCKED",
	args:       utcArgs,
	dest:       utcDest,
	execAll:    execBatch,
}

var sqlite = dialect{
	name:    "sqlite3",
	lanes:   1, // one writer
	args:    textArgs,
	dest:    textDest,
	execAll: execEach,
}

func utcArgs(args []any) []any {
	return mapTimes(args, func(t time.Time) any { return utc(t) })
}

func textArgs(args []any) []any {
	return mapTimes(args, func(t time.Time) any { return utc(t).Format(sqliteTime) })
}

func mapTimes(args []any, change func(time.Time) any) []any {
	changed := make([]any, len(args))
	for i, arg := range args {
		switch arg := arg.(type) {
		case time.Time:
			changed[i] = change(arg)
		case sql.Null[time.Time]:
			if arg.Valid {
				changed[i] = change(arg.V)
			}
		default:
			changed[i] = arg
		}
	}
	return changed
}

// utcDest and textDest make Scan give UTC times on both databases: pgx gives local ones, SQLite text.
func utcDest(dest []any) []any { return textDest(dest) }

func textDest(dest []any) []any {
	changed := make([]any, len(dest))
	for i, d := range dest {
		switch d := d.(type) {
		case *time.Time:
			changed[i] = textTime{to: d}
		case *sql.Null[time.Time]:
			changed[i] = textTime{null: d}
		default:
			changed[i] = d
		}
	}
	return changed
}

// execBatch sends all statements to Postgres in one round trip.
func execBatch(ctx context.Context, tx *Tx, statements []statement) error {
	if len(statements) == 1 {
		return execEach(ctx, tx, statements)
	}
	return tx.conn.Raw(func(driverConn any) error {
		batch := &pgx.Batch{}
		for _, s := range statements {
			batch.Queue(s.query, s.args...)
		}
		results := driverConn.(*stdlib.Conn).Conn().SendBatch(ctx, batch)
		for _, s := range statements {
			tag, err := results.Exec()
			if err == nil && s.onMiss != nil && tag.RowsAffected() != 1 {
				err = s.onMiss
			}
			if err != nil {
				return errors.Join(err, results.Close())
			}
		}
		return results.Close()
	})
}

// Codes of Postgres (appendix A of its manual).
const (
	pgSerializationFailure = "40001"
	pgDeadlock             = "40P01"
	pgUniqueViolation      = "23505"
	pgAdminShutdown        = "57P01"
	pgCrashShutdown        = "57P02"
	pgCannotConnectNow     = "57P03"
	pgReadOnly             = "25006" // the old primary after a failover
)

// isConflict reports whether a unit of work lost a race and may win the next. A unique violation is one: when the unit runs again it
// sees the other's row, and the rule that guards it answers.
func (db *DB) isConflict(err error) bool {
	if errors.Is(err, ErrConflict) {
		return true
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == pgUniqueViolation || pg.Code == pgSerializationFailure || pg.Code == pgDeadlock
	}
	var lite *sqlitedriver.Error
	if errors.As(err, &lite) {
		return lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	return false
}

// Unavailable reports whether err says that the database (not the work) is at fault: it can't be reached, is starting or stopping, is
// out of resources, or the time was up. Such work is done again later, as often as it takes; it never counts as a failure of the work.
func Unavailable(err error) bool {
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		return true // whatever it answered (a password that is being rotated, a database that is not there yet), the work was never tried
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case pgAdminShutdown, pgCrashShutdown, pgCannotConnectNow, pgReadOnly:
			return true
		}
		class := pg.Code[:2]
		return class == "08" || class == "53" // connection exceptions, insufficient resources
	}
	var lite *sqlitedriver.Error
	if errors.As(err, &lite) {
		switch lite.Code() & 0xff {
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL:
			return true
		}
		return false
	}
	var network net.Error
	return errors.As(err, &network) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

// outage is an error of which Unavailable is true, by the method that package rpc asks for: clients are told to try again, and not of a bug.
type outage struct{ error }

// Unavailable implements what rpc.ErrUnavailable says.
func (outage) Unavailable() bool { return true }

// Unwrap implements what errors.As needs.
func (o outage) Unwrap() error { return o.error }

// atFault marks what the database is at fault for. What ends with its context is the caller's affair.
func atFault(err error) error {
	if err == nil || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || !Unavailable(err) {
		return err
	}
	return outage{err}
}
