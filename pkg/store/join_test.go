package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
)

// putAlone puts a row in a unit of work, which joins the one of ctx.
func putAlone(ctx context.Context, db *store.DB, id string) error {
	return db.Do(ctx, func(ctx context.Context, tx *store.Tx) error { return put(ctx, tx, id) })
}

func countIn(ctx context.Context, t *testing.T, db *store.DB) (n int) {
	t.Helper()
	require.NoError(t, db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM shelf`).Scan(&n)
	}))
	return n
}

func TestAUnitWithinAUnitIsPartOfIt(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		broken := errors.New("broken")
		err := db.Do(t.Context(), func(ctx context.Context, outer *store.Tx) error {
			require.NoError(t, db.Do(ctx, func(ctx context.Context, inner *store.Tx) error {
				require.Same(t, outer, inner)
				require.NoError(t, put(ctx, inner, "a"))
				return putAlone(ctx, db, "deeper")
			}))
			require.Equal(t, 2, countIn(ctx, t, db))
			return broken
		})
		require.ErrorIs(t, err, broken)
		require.Zero(t, count(t, db), "the inner units were not committed by themselves")

		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, _ *store.Tx) error {
			require.NoError(t, putAlone(ctx, db, "a"))
			return putAlone(ctx, db, "b")
		}))
		require.Equal(t, 2, count(t, db))
	})
}

func TestAReadWithinAUnitSeesWhatIsQueuedAndWritesNothing(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			tx.Queue(`INSERT INTO shelf (id, version) VALUES ($1, 1)`, "a")
			require.NoError(t, db.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
				require.False(t, tx.Writable())
				require.Error(t, put(ctx, tx, "b"))
				require.Equal(t, 1, countIn(ctx, t, db), "a Read within the Read")
				return nil
			}))
			require.True(t, tx.Writable(), "the unit goes on writing")
			return put(ctx, tx, "c")
		}))
		require.Equal(t, 2, count(t, db))
	})
}

func TestAnErrorOfAReadDoesNotDoomTheUnit(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		missing := errors.New("missing")
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			require.ErrorIs(t, db.Read(ctx, func(context.Context, *store.Tx) error { return missing }), missing)
			return put(ctx, tx, "a")
		}))
		require.Equal(t, 1, count(t, db))
	})
}

func TestAWriteQueuedInAReadDoomsTheUnit(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		err := db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			require.Error(t, db.Read(ctx, func(_ context.Context, tx *store.Tx) error {
				tx.Queue(`INSERT INTO shelf (id, version) VALUES ('b', 1)`)
				return nil
			}))
			return put(ctx, tx, "a")
		})
		require.ErrorContains(t, err, "write within Read")
		require.Zero(t, count(t, db))
	})
}

func TestAReadIsNotTurnedIntoAUnitThatWrites(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		err := db.Read(t.Context(), func(ctx context.Context, _ *store.Tx) error { return putAlone(ctx, db, "a") })
		require.ErrorContains(t, err, "write within Read")
		require.Zero(t, count(t, db))
	})
}

func TestAnErrorThatIsSwallowedDoomsTheUnit(t *testing.T) {
	refusal := fault.Refuse("NO_ROOM", "no room")
	fail := func(ctx context.Context, db *store.DB) error {
		return db.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
			tx.Queue(`INSERT INTO shelf (id, version) VALUES ('half', 1)`)
			return refusal
		})
	}
	for name, test := range map[string]struct {
		work func(ctx context.Context, db *store.DB) error
		told string
	}{
		"by the work": {func(ctx context.Context, db *store.DB) error { _ = fail(ctx, db); return nil }, "no room"},
		"by a unit in between": {func(ctx context.Context, db *store.DB) error {
			return db.Do(ctx, func(ctx context.Context, _ *store.Tx) error { _ = fail(ctx, db); return nil })
		}, "no room"},
		"as a panic": {func(ctx context.Context, db *store.DB) error {
			_ = store.Protect(func() error { return db.Do(ctx, func(context.Context, *store.Tx) error { panic("boom") }) })
			return nil
		}, "panic"},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *store.DB) {
				err := db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
					tx.OnCommit(func() { t.Error("OnCommit ran") })
					require.NoError(t, put(ctx, tx, "a"))
					return test.work(ctx, db)
				})
				require.ErrorContains(t, err, "a part of the unit of work failed")
				require.ErrorContains(t, err, test.told)
				require.Zero(t, count(t, db))
			})
		})
	}
}

func TestAHookThatSwallowsAnErrorDoomsTheUnit(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		err := db.Do(t.Context(), func(_ context.Context, tx *store.Tx) error {
			tx.BeforeCommit(func(ctx context.Context) error {
				_ = db.Do(ctx, func(context.Context, *store.Tx) error { return errors.New("half done") })
				return nil
			})
			return nil
		})
		require.ErrorContains(t, err, "half done")
	})
}

func TestAConflictWithinRunsTheOutermostUnitAgain(t *testing.T) {
	for name, outcome := range map[string]func(err error) error{
		"passed on":             func(err error) error { return err },
		"swallowed":             func(error) error { return nil },
		"turned into a refusal": func(error) error { return fault.Refuse("NO_ROOM", "no room") },
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, db *store.DB) {
				require.NoError(t, putAlone(t.Context(), db, "taken"))
				outer, inner := 0, 0
				require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
					outer++
					require.NoError(t, put(ctx, tx, "a"))
					err := db.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
						if inner++; inner == 1 {
							return put(ctx, tx, "taken")
						}
						return put(ctx, tx, "b")
					})
					if err != nil {
						return outcome(err)
					}
					return nil
				}))
				require.Equal(t, 2, outer)
				require.Equal(t, 2, inner, "the inner unit does not run again by itself")
				require.Equal(t, 3, count(t, db))
			})
		})
	}
}

func TestHooksOfInnerUnitsRunOnceAtTheOuterCommit(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		var told []string
		tell := func(what string) { told = append(told, what) }
		attempts := 0
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, _ *store.Tx) error {
			attempts++
			require.NoError(t, db.Do(ctx, func(_ context.Context, tx *store.Tx) error {
				tx.OnCommit(func() { tell("committed") })
				tx.BeforeCommit(func(context.Context) error { tell("before"); return nil })
				return nil
			}))
			if attempts == 1 {
				return store.ErrConflict
			}
			tell("worked")
			return nil
		}))
		require.Equal(t, []string{"worked", "before", "committed"}, told, "the attempt that lost left none")
	})
}

func TestAnotherDatabaseIsNotJoined(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		other := storetest.Open(t, shelf)
		broken := errors.New("broken")
		require.ErrorIs(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			require.NoError(t, put(ctx, tx, "a"))
			require.NoError(t, putAlone(ctx, other, "a"))
			return broken
		}), broken)
		require.Zero(t, count(t, db))
		require.Equal(t, 1, count(t, other))
	})
}

func TestAContextIsOfNoUseWhenItsUnitHasEnded(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		keep := func(into *context.Context, unit **store.Tx) func(context.Context, *store.Tx) error {
			return func(ctx context.Context, tx *store.Tx) error { *into, *unit = ctx, tx; return nil }
		}
		for name, run := range map[string]func(context.Context, func(context.Context, *store.Tx) error) error{"Do": db.Do, "Read": db.Read} {
			var stale context.Context
			var unit *store.Tx
			require.NoError(t, run(t.Context(), keep(&stale, &unit)), name)
			require.ErrorContains(t, putAlone(stale, db, "late"), "has ended", name)
			require.ErrorContains(t, db.Read(stale, func(context.Context, *store.Tx) error { return nil }), "has ended", name)
			require.Error(t, put(t.Context(), unit, "late"), name)
			require.ErrorContains(t, unit.QueryRow(t.Context(), `SELECT 1`).Scan(new(int)), "has ended", name)
		}
		require.Zero(t, count(t, db))
	})
}

func TestTwoAtOnceWithinAUnitAreRefused(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, _ *store.Tx) error {
			inside, leave := make(chan struct{}), make(chan struct{})
			var first sync.WaitGroup
			first.Go(func() {
				_ = db.Read(ctx, func(context.Context, *store.Tx) error {
					close(inside)
					<-leave
					return nil
				})
			})
			<-inside
			require.ErrorContains(t, putAlone(ctx, db, "a"), "at once")
			close(leave)
			first.Wait()
			return putAlone(ctx, db, "a")
		}))
		require.Equal(t, 1, count(t, db))
	})
}

func TestWorkThatUsesTheContextOfItsCallerIsRefusedAndDoesNotHang(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		require.NoError(t, db.Do(t.Context(), func(outer context.Context, _ *store.Tx) error {
			return db.Do(outer, func(context.Context, *store.Tx) error {
				require.ErrorContains(t, putAlone(outer, db, "a"), "not the one its work was given")
				return nil
			})
		}))
	})
}

func TestAUnitHoldsNoConnectionBeforeItsFirstStatement(t *testing.T) {
	db := storetest.Open(t, shelf) // SQLite, which has one connection
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	require.NoError(t, db.Do(ctx, func(unit context.Context, tx *store.Tx) error {
		require.NoError(t, putAlone(ctx, db, "meanwhile")) // the context from outside: another unit
		return put(unit, tx, "a")
	}))
	require.Equal(t, 2, count(t, db))
}

func TestAUnitWithoutStatementsRunsItsHooks(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		committed := false
		require.NoError(t, db.Do(t.Context(), func(_ context.Context, tx *store.Tx) error {
			tx.OnCommit(func() { committed = true })
			return nil
		}))
		require.True(t, committed)
	})
}

func TestATransactionOutlivesTheContextOfTheInnerUnitThatBeganIt(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			inner, cancel := context.WithCancel(ctx)
			require.NoError(t, putAlone(inner, db, "a"))
			cancel()
			return put(ctx, tx, "b")
		}))
		require.Equal(t, 2, count(t, db))
	})
}

func TestAConnectionThatCannotBeHadFailsTheStatementAndIsNotLeaked(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		over, cancel := context.WithCancel(t.Context())
		cancel()
		for range 20 { // more than the pool has
			require.ErrorIs(t, db.Do(over, func(ctx context.Context, tx *store.Tx) error {
				_ = put(ctx, tx, "a")
				return put(ctx, tx, "a")
			}), context.Canceled)
		}
		require.Zero(t, count(t, db))
	})
}

func TestUnitsApartAreCommittedByThemselves(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		broken := errors.New("broken")
		require.ErrorIs(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			alone := db.Apart(ctx)
			require.NoError(t, db.Do(alone, func(ctx context.Context, tx *store.Tx) error {
				require.NoError(t, put(ctx, tx, "a"))
				return putAlone(ctx, db, "joins the one that is apart")
			}))
			require.ErrorIs(t, db.Do(alone, func(context.Context, *store.Tx) error { return broken }), broken)
			require.Equal(t, 2, countIn(alone, t, db))
			require.NoError(t, put(ctx, tx, "b"))
			return broken
		}), broken)
		require.Equal(t, 2, count(t, db))
	})
}

func TestNothingStandsApartFromAUnitThatHasBegun(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			require.NoError(t, put(ctx, tx, "a"))
			require.ErrorContains(t, putAlone(db.Apart(ctx), db, "b"), "has begun")
			return nil
		}))
		require.NoError(t, putAlone(db.Apart(t.Context()), db, "there is nothing to stand apart from"))
		require.Equal(t, 2, count(t, db))
	})
}
