package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
)

var shelf = store.Schema{Name: "shelf", Migrations: fstest.MapFS{"00001_shelf.sql": {Data: []byte(`
-- +goose Up
CREATE TABLE shelf (id TEXT PRIMARY KEY, version BIGINT NOT NULL, tidy BOOLEAN NOT NULL DEFAULT FALSE,
                    made TIMESTAMPTZ, data JSONB, raw BYTEA);
`)}}}

func each(t *testing.T, test func(t *testing.T, db *store.DB)) {
	storetest.Each(t, []store.Schema{shelf}, test)
}

func put(ctx context.Context, tx *store.Tx, id string) error {
	_, err := tx.Exec(ctx, `INSERT INTO shelf (id, version) VALUES ($1, 1)`, id)
	return err
}

func count(t *testing.T, db *store.DB) (n int) {
	t.Helper()
	require.NoError(t, db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM shelf`).Scan(&n)
	}))
	return n
}

func TestAUnitOfWorkCommitsAllOfItsWrites(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		committed := false
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			tx.OnCommit(func() { committed = true })
			tx.BeforeCommit(func(context.Context) error {
				tx.Queue(`INSERT INTO shelf (id, version) VALUES ($1, 1)`, "hook")
				return nil
			})
			tx.Queue(`INSERT INTO shelf (id, version) VALUES ($1, 1)`, "queued")
			return put(ctx, tx, "now")
		}))
		require.True(t, committed)
		require.Equal(t, 3, count(t, db))
	})
}

func TestAnErrorRollsBack(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		broken := errors.New("broken")
		err := db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			tx.OnCommit(func() { t.Error("OnCommit ran") })
			require.NoError(t, put(ctx, tx, "a"))
			return broken
		})
		require.ErrorIs(t, err, broken)
		require.Zero(t, count(t, db))
	})
}

func TestAPanicRollsBackAndGoesOn(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		require.PanicsWithValue(t, "boom", func() {
			_ = db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				require.NoError(t, put(ctx, tx, "a"))
				panic("boom")
			})
		})
		require.Zero(t, count(t, db))
	})
}

func TestAHookThatFailsRollsBack(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		err := db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			tx.BeforeCommit(func(context.Context) error { return errors.New("no") })
			return put(ctx, tx, "a")
		})
		require.EqualError(t, err, "no")
		require.Zero(t, count(t, db))
	})
}

func TestALostRaceRunsTheUnitAgain(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		attempts := 0
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			if attempts++; attempts < 3 {
				require.NoError(t, put(ctx, tx, "left over"))
				return store.ErrConflict
			}
			return put(ctx, tx, "won")
		}))
		require.Equal(t, 3, attempts)
		require.Equal(t, 1, count(t, db), "the lost attempts left nothing")
	})
}

func TestARaceLostTooOftenIsAborted(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		attempts := 0
		err := db.Do(t.Context(), func(context.Context, *store.Tx) error { attempts++; return store.ErrConflict })
		refusal, ok := fault.As(err)
		require.True(t, ok, "%v", err)
		require.Equal(t, fault.Conflict, refusal.Kind)
		require.Equal(t, store.ConflictReason, refusal.Reason)
		require.Equal(t, 5, attempts)
	})
}

func TestAUniqueViolationIsALostRace(t *testing.T) {
	for name, write := range map[string]func(ctx context.Context, tx *store.Tx) error{
		"executed": func(ctx context.Context, tx *store.Tx) error { return put(ctx, tx, "a") },
		"queued": func(_ context.Context, tx *store.Tx) error {
			tx.Queue(`INSERT INTO shelf (id, version) VALUES ($1, 1)`, "b")
			tx.Queue(`INSERT INTO shelf (id, version) VALUES ($1, 1)`, "a")
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *store.DB) {
				require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error { return put(ctx, tx, "a") }))
				attempts := 0
				err := db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
					if attempts++; attempts == 2 {
						return nil // sees the other's row and has nothing to do
					}
					return write(ctx, tx)
				})
				require.NoError(t, err)
				require.Equal(t, 2, attempts)
				require.Equal(t, 1, count(t, db))
			})
		})
	}
}

func TestAQueuedWriteThatMissesItsRowFailsTheUnit(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		gone := errors.New("gone")
		err := db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			tx.Queue(`INSERT INTO shelf (id, version) VALUES ($1, 1)`, "a")
			tx.QueueOne(gone, `UPDATE shelf SET version = version + 1 WHERE id = $1 AND version = $2`, "a", 1)
			tx.QueueOne(gone, `UPDATE shelf SET version = version + 1 WHERE id = $1 AND version = $2`, "a", 1)
			return nil
		})
		require.ErrorIs(t, err, gone)
		require.Zero(t, count(t, db))
	})
}

func TestAQuerySeesWhatIsQueued(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			tx.Queue(`INSERT INTO shelf (id, version) VALUES ($1, 1)`, "a")
			tx.Queue(`INSERT INTO shelf (id, version) VALUES ($1, 2)`, "b")
			ids, err := store.All(ctx, tx, func(row *store.Rows) (id string, err error) {
				return id, row.Scan(&id)
			}, `SELECT id FROM shelf WHERE version >= $1 ORDER BY id`+tx.ForUpdate(), 1)
			require.Equal(t, []string{"a", "b"}, ids)
			return err
		}))
	})
}

func TestValuesComeBackAsTheyWent(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		made := time.Date(2026, 1, 2, 3, 4, 5, 6789000, time.FixedZone("east", 3600))
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			tx.Queue(`INSERT INTO shelf VALUES ($1, $2, $3, $4, $5, $6)`, "a", int64(1)<<60, true, made, []byte(`{"k": 1}`), []byte{0, 255})
			tx.Queue(`INSERT INTO shelf VALUES ($1, $2, $3, $4, $5, $6)`, "b", 0, false, sql.Null[time.Time]{}, nil, nil)
			return nil
		}))
		require.NoError(t, db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			var version int64
			var tidy bool
			var at time.Time
			var data, raw []byte
			require.NoError(t, tx.QueryRow(ctx, `SELECT version, tidy, made, data, raw FROM shelf WHERE made > $1`, made.Add(-time.Second)).
				Scan(&version, &tidy, &at, &data, &raw))
			require.Equal(t, int64(1)<<60, version)
			require.True(t, tidy)
			require.Equal(t, made.UTC(), at)
			require.JSONEq(t, `{"k": 1}`, string(data))
			require.Equal(t, []byte{0, 255}, raw)

			var none sql.Null[time.Time]
			require.NoError(t, tx.QueryRow(ctx, `SELECT made, data, raw FROM shelf WHERE id = $1`, "b").Scan(&none, &data, &raw))
			require.False(t, none.Valid)
			require.Nil(t, data)
			require.ErrorIs(t, tx.QueryRow(ctx, `SELECT made FROM shelf WHERE made > $1`, made).Scan(&at), store.ErrNoRows)
			return nil
		}))
	})
}

func TestReadDoesNotWrite(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		require.Error(t, db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error { return put(ctx, tx, "a") }))
		require.Error(t, db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			tx.Queue(`DELETE FROM shelf`)
			return tx.Flush(ctx)
		}))
		require.Error(t, db.Read(t.Context(), func(_ context.Context, tx *store.Tx) error {
			tx.Queue(`DELETE FROM shelf`)
			return nil
		}), "a queued write is not lost without a word")
	})
}

func TestAttachedStateLivesAsLongAsTheUnit(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		type key struct{}
		made := 0
		for range 2 {
			require.NoError(t, db.Do(t.Context(), func(_ context.Context, tx *store.Tx) error {
				for range 2 {
					tx.Attach(key{}, func() any { made++; return made })
				}
				return nil
			}))
		}
		require.Equal(t, 2, made)
	})
}

// A rollout that is undone leaves the tables of the newer version behind: the older one must start on them.
func TestAnOlderVersionStartsOnTheTablesOfANewerOne(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		newer := store.Schema{Name: shelf.Name, Migrations: fstest.MapFS{
			"00001_shelf.sql": shelf.Migrations.(fstest.MapFS)["00001_shelf.sql"],
			"00002_more.sql":  {Data: []byte("-- +goose Up\nALTER TABLE shelf ADD COLUMN more TEXT;\n")},
		}}
		require.NoError(t, db.Migrate(t.Context(), newer))
		require.NoError(t, db.Migrate(t.Context(), shelf))
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error { return put(ctx, tx, "old") }))
	})
}

func TestMigrationsRunOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) { require.NoError(t, db.Migrate(t.Context(), shelf)) })
}

func TestAnAddressThatCannotBeUsedIsAnErrorThatHidesThePassword(t *testing.T) {
	for _, rawURL := range []string{"mysql://x", "postgres://u:secret@127.0.0.1:1/db", "postgres://u:secret@127.0.0.1:x/db"} {
		_, err := store.Open(t.Context(), rawURL, nil)
		require.Error(t, err, rawURL)
		require.NotContains(t, err.Error(), "secret")
	}
}

// A client of a call during a restart of Postgres is to try again, not to report a bug.
func TestWhatTheDatabaseIsAtFaultForIsToldAsAnOutage(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		var outage interface{ Unavailable() bool }
		broken := &pgconn.PgError{Code: "57P01", Message: "terminating connection due to administrator command"}
		fails := func(err error) func(context.Context, *store.Tx) error {
			return func(context.Context, *store.Tx) error { return fmt.Errorf("save: %w", err) }
		}
		for _, run := range []func(context.Context, func(context.Context, *store.Tx) error) error{db.Do, db.Read} {
			require.ErrorAs(t, run(t.Context(), fails(broken)), &outage)
			require.True(t, outage.Unavailable())
			require.True(t, store.Unavailable(run(t.Context(), fails(broken))))
			require.NotErrorAs(t, run(t.Context(), fails(errors.New("a bug"))), &outage)
			require.NotErrorAs(t, run(t.Context(), fails(context.Canceled)), &outage)
		}
	})
}

func TestUnavailableTellsTheDatabasesFaultsFromTheWorks(t *testing.T) {
	_, err := store.Open(t.Context(), "postgres://u@127.0.0.1:1/db", nil)
	require.True(t, store.Unavailable(err), "%v", err)
	require.True(t, store.Unavailable(context.DeadlineExceeded))
	if server := os.Getenv(storetest.PostgresURL); server != "" {
		u, err := url.Parse(server)
		require.NoError(t, err)
		u.Path = "/nosuchdatabase"
		_, err = store.Open(t.Context(), u.String(), nil)
		require.True(t, store.Unavailable(err), "a refused connection: %v", err)
	}
	require.False(t, store.Unavailable(errors.New("bad cast")))
	each(t, func(t *testing.T, db *store.DB) {
		err := db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE nosuch SET x = 1`)
			return err
		})
		require.Error(t, err)
		require.False(t, store.Unavailable(err), "%v", err)
	})
}

func TestProtectTurnsAPanicIntoAnErrorWithItsStack(t *testing.T) {
	var panicked *store.PanicError
	require.ErrorAs(t, store.Protect(func() error { panic("boom") }), &panicked)
	require.EqualError(t, panicked, "panic: boom")
	require.Contains(t, panicked.Stack, "store_test.go")
	require.NoError(t, store.Protect(func() error { return nil }))
}
