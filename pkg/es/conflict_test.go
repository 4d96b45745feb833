package es_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/es"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/store"
)

func TestTheSecondOfTwoUnitsRunsAgainAndSeesTheFirst(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		r := tallies(codec())
		save(t, db, r, newTally("a", "ann"))
		stale := load(t, db, r, "a") // read by the second unit before the first commits
		first := load(t, db, r, "a")
		first.count(10)
		save(t, db, r, first)

		attempts := 0
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
			a := stale
			if attempts++; attempts > 1 {
				if a, err = r.Load(ctx, tx, "a"); err != nil {
					return err
				}
				require.EqualValues(t, 10, a.sum)
			}
			a.count(5)
			return r.Save(ctx, tx, a)
		}))
		require.Equal(t, 2, attempts)
		require.EqualValues(t, 15, load(t, db, r, "a").sum)
	})
}

func TestAnAggregateThatStaysStaleIsAConflict(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		r := tallies(codec())
		save(t, db, r, newTally("a", "ann"))
		late := newTally("a", "bob")
		err := db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error { return r.Save(ctx, tx, late) })
		require.ErrorIs(t, err, &fault.Error{Reason: store.ConflictReason})
		require.Len(t, late.Changes(), 1)
		require.Equal(t, "ann", load(t, db, r, "a").owner)
	})
}

func TestManyWritersOfOneAggregateLoseNothing(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		r := snapTallies(1, nil)
		const writers, counts = 3, 10
		save(t, db, r, newSnapTally("a", 0))
		countOnce := func(ctx context.Context, tx *store.Tx) error {
			a, err := r.Load(ctx, tx, "a")
			if err != nil {
				return err
			}
			a.countTimes(1)
			return r.Save(ctx, tx, a)
		}
		aborted := &fault.Error{Reason: store.ConflictReason}
		done := make(chan error, writers)
		for range writers {
			go func() {
				var err error
				for n := 0; n < counts && err == nil; n++ {
					// A writer that loses every race is told so, and tries again as a client would.
					for err = db.Do(t.Context(), countOnce); errors.Is(err, aborted); {
						err = db.Do(t.Context(), countOnce)
					}
				}
				done <- err
			}()
		}
		for range writers {
			require.NoError(t, <-done)
		}
		require.EqualValues(t, writers*counts, load(t, db, r, "a").sum)
		require.Equal(t, writers*counts+1, number(t, db, `SELECT count(*) FROM events`))
	})
}

func TestChangesAreForgottenByTheCommitOnly(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		r := tallies(codec())
		a := newTally("a", "ann") // made outside the unit, so that the second attempt finds what the first left
		attempts := 0
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			require.NoError(t, r.Save(ctx, tx, a))
			require.Equal(t, []es.Recorded{{Event: opened{Owner: "ann"}, Version: 1, At: stored(0)}}, a.Changes())
			if attempts++; attempts == 1 {
				return store.ErrConflict
			}
			return nil
		}))
		require.Empty(t, a.Changes())
		require.EqualValues(t, 1, a.Version())
		require.EqualValues(t, 1, load(t, db, r, "a").Version())
	})
}
