package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

const (
	// maxConns of a service's pool. A unit of work is a few round trips, so a handful serves thousands a second; twelve services with
	// two replicas stay within the 300 connections of a small managed Postgres, and below the 100 of a default one when single.
	maxConns = 8
	// connMaxLifetime spreads connections over the servers behind a load balancer after a failover.
	connMaxLifetime = 30 * time.Minute
	// pingTimeout bounds the first contact, so that a wrong address is told at once.
	pingTimeout = 5 * time.Second
)

// Open opens the database that rawURL names:
//
//	postgres://user:password@host:5432/database   Postgres
//	sqlite:///path/to/file.db                     SQLite in a file, fsynced at each commit
//	sqlite::memory:NAME                           SQLite in memory, gone when closed; one database per NAME
//
// It tries one connection, so that a wrong address, name or password is an error here and not later.
func Open(ctx context.Context, rawURL string, log *slog.Logger) (*DB, error) {
	var db *DB
	var err error
	switch {
	case strings.HasPrefix(rawURL, "postgres://"), strings.HasPrefix(rawURL, "postgresql://"):
		db, err = openPostgres(rawURL)
	case strings.HasPrefix(rawURL, "sqlite:"):
		db, err = openSQLite(ctx, strings.TrimPrefix(rawURL, "sqlite:"))
	default:
		return nil, errors.New("a database URL begins with postgres:// or sqlite: and this one does not")
	}
	if err != nil {
		return nil, err
	}
	db.log = log
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	if err := db.Ping(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func openPostgres(rawURL string) (*DB, error) {
	config, err := pgx.ParseConfig(rawURL)
	if err != nil {
		return nil, errors.New("the URL of the database is not of the form postgres://user:password@host:port/database")
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(maxConns)
	db.SetMaxIdleConns(maxConns) // the default of two would open and close connections all day
	db.SetConnMaxLifetime(connMaxLifetime)
	return &DB{db: db, dialect: postgres}, nil
}

func openSQLite(ctx context.Context, place string) (*DB, error) {
	options := url.Values{}
	options.Set("_txlock", "immediate") // a unit of work that reads first must not fail when it writes
	options.Add("_pragma", "busy_timeout(5000)")
	options.Add("_pragma", "foreign_keys(1)")
	name, inMemory := strings.CutPrefix(place, ":memory:")
	var dsn string
	if inMemory {
		options.Set("vfs", "memdb")
		dsn = "file:/" + url.PathEscape(name)
	} else {
		options.Add("_pragma", "journal_mode(WAL)")
		options.Add("_pragma", "synchronous(FULL)") // OK to a client means fsynced, here as on Postgres
		dsn = "file:" + (&url.URL{Path: strings.TrimPrefix(place, "//")}).EscapedPath()
	}
	dsn += "?" + options.Encode()
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // one writer, and units of work queue in Go rather than in SQLite's busy loop
	opened := &DB{db: db, dialect: sqlite}
	if inMemory {
		// A memory database is gone with its last connection, and the pool may close one whenever a context ends at a bad moment.
		keeper, err := sql.Open("sqlite", dsn)
		if err != nil {
			return nil, err
		}
		conn, err := keeper.Conn(ctx)
		if err != nil {
			return nil, err
		}
		if err := conn.PingContext(ctx); err != nil {
			return nil, err
		}
		opened.keep = keeper
	}
	return opened, nil
}

// Schema is a set of migrations that belong together: a package's tables, or a service's.
type Schema struct {
	// Name is unique in a database; the versions applied are kept in the table schema_<Name>.
	Name string
	// Migrations holds goose migrations (NNNNN_title.sql) at its top.
	Migrations fs.FS
}

// NewSchema is the schema of the folder migrations in files, which is where `//go:embed migrations/*.sql` puts it.
func NewSchema(name string, files embed.FS) Schema {
	migrations, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // only for a path that is not valid, and this one is
	}
	return Schema{Name: name, Migrations: migrations}
}

// Migrate brings each schema up to date. Several replicas may call it at once.
func (db *DB) Migrate(ctx context.Context, schemas ...Schema) error {
	for _, schema := range schemas {
		options := []goose.ProviderOption{goose.WithTableName("schema_" + schema.Name), goose.WithSlog(db.log)}
		dialect := goose.DialectSQLite3
		if db.dialect.name == postgres.name {
			dialect = goose.DialectPostgres
			locker, err := lock.NewPostgresSessionLocker()
			if err != nil {
				return err
			}
			options = append(options, goose.WithSessionLocker(locker))
		}
		provider, err := goose.NewProvider(dialect, db.db, schema.Migrations, options...)
		if err != nil {
			return fmt.Errorf("migrations of %s: %w", schema.Name, err)
		}
		if _, err := provider.Up(ctx); err != nil {
			return fmt.Errorf("migrations of %s: %w", schema.Name, err)
		}
	}
	return nil
}

// EnsureDatabase makes the Postgres database that rawURL names if it does not exist, by way of the maintenance database "postgres".
func EnsureDatabase(ctx context.Context, rawURL string) error {
	config, err := pgx.ParseConfig(rawURL)
	if err != nil {
		return errors.New("the URL of the database is not of the form postgres://user:password@host:port/database")
	}
	name := config.Database
	config.Database = "postgres"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var exists bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)`, name).Scan(&exists); err != nil || exists {
		return err
	}
	_, err = conn.Exec(ctx, `CREATE DATABASE `+pgx.Identifier{name}.Sanitize())
	return err
}
