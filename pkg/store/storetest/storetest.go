// Package storetest runs one test over every kind of database.
package storetest

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"mallbots.example/pkg/store"
)

// PostgresURL names the variable that puts the tests on a real Postgres as well: its role must be allowed to create databases.
const PostgresURL = "TEST_POSTGRES_URL"

// Each runs test over a fresh, migrated SQLite database and, when TEST_POSTGRES_URL is set, over a fresh Postgres database.
func Each(t *testing.T, schemas []store.Schema, test func(t *testing.T, db *store.DB)) {
	t.Helper()
	for name, rawURL := range URLs(t) {
		t.Run(name, func(t *testing.T) {
			test(t, open(t, rawURL(t), schemas))
		})
	}
}

// Open gives one fresh, migrated SQLite database.
func Open(t testing.TB, schemas ...store.Schema) *store.DB {
	t.Helper()
	return open(t, sqliteURL(t), schemas)
}

// URLs gives, for each kind of database that can be tested here, a function that makes an empty one and returns its URL.
func URLs(t testing.TB) map[string]func(testing.TB) string {
	urls := map[string]func(testing.TB) string{"sqlite": sqliteURL}
	if server := os.Getenv(PostgresURL); server != "" {
		urls["postgres"] = func(t testing.TB) string { return postgresURL(t, server) }
	}
	return urls
}

func sqliteURL(testing.TB) string { return "sqlite::memory:" + rand.Text() }

func postgresURL(t testing.TB, server string) string {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatalf("%s: %v", PostgresURL, err)
	}
	name := "test_" + strings.ToLower(rand.Text())
	u.Path = "/" + name
	if err := store.EnsureDatabase(t.Context(), u.String()); err != nil {
		t.Fatalf("%s: %v", PostgresURL, err)
	}
	t.Cleanup(func() {
		conn, err := pgx.Connect(context.Background(), server)
		if err != nil {
			t.Errorf("dropping %s: %v", name, err)
			return
		}
		defer conn.Close(context.Background())
		if _, err := conn.Exec(context.Background(), `DROP DATABASE `+name+` WITH (FORCE)`); err != nil {
			t.Errorf("dropping %s: %v", name, err)
		}
	})
	return u.String()
}

func open(t testing.TB, rawURL string, schemas []store.Schema) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), rawURL, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("closing the database: %v", err)
		}
	})
	if err := db.Migrate(t.Context(), schemas...); err != nil {
		t.Fatal(err)
	}
	return db
}
