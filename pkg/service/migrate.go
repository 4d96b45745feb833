package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"mallbots.example/pkg/idempotency"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/outbox"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/telemetry"
)

// Migrate brings the database of one service up to date and ends, with the settings in environ. Several may run at once, and beside
// processes of the version before: migrations only add what those do not miss.
func Migrate(ctx context.Context, s Service, environ []string) error {
	cfg, err := LoadConfig(environ, s)
	if err != nil {
		return err
	}
	if len(s.Schemas) == 0 {
		return fmt.Errorf("%s has no database to migrate", s.Name)
	}
	if err := cfg.Validate(true, false); err != nil {
		return err
	}
	p := Process{Config: cfg, Log: telemetry.NewLogger(os.Stderr, cfg.LogLevel).With("service", s.Name), Services: []Service{s}}
	p.ready = newReadiness(p.Log)
	db, err := p.openDatabase(ctx, s, p.Log)
	if err != nil {
		return err
	}
	if err := p.migrate(ctx, s, db); err != nil {
		return errors.Join(err, db.Close())
	}
	p.Log.InfoContext(ctx, "the database is up to date")
	return db.Close()
}

// openDatabase opens the database of a service, with the patience of a start.
func (p *Process) openDatabase(ctx context.Context, s Service, log *slog.Logger) (db *store.DB, err error) {
	rawURL := p.Config.PostgresURL
	if p.DatabaseURL != nil {
		rawURL = p.DatabaseURL(s.Name)
	}
	err = p.await(ctx, func(ctx context.Context) (err error) {
		if db, err = store.Open(ctx, rawURL, log); err != nil {
			return fmt.Errorf("the database at %s can't be used: %w", redact(rawURL), err)
		}
		return nil
	})
	return db, err
}

// migrate makes and changes the tables of a service: those that every service has, and its own. It is patient with a database that goes
// away meanwhile, and not with a migration that fails.
func (p *Process) migrate(ctx context.Context, s Service, db *store.DB) error {
	schemas := append([]store.Schema{outbox.Schema, message.Schema, idempotency.Schema}, s.Schemas...)
	var failed error
	waited := p.await(ctx, func(ctx context.Context) error {
		failed = db.Migrate(ctx, schemas...)
		if store.Unavailable(failed) {
			return failed
		}
		return nil
	})
	if waited != nil {
		return waited
	}
	return failed
}
