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

func TestAnAggregateComesBackAsItWasSaved(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		saved := newTally("a", "ann")
		saved.count(2)
		saved.count(3)
		save(t, db, tallies(codec()), saved)

		loaded := load(t, db, tallies(codec()), "a")
		require.Equal(t, saved, loaded)
		require.Equal(t, "a", loaded.ID())
		require.EqualValues(t, 3, loaded.Version())
		require.Equal(t, stored(0), loaded.CreatedAt())
		require.Equal(t, stored(2), loaded.UpdatedAt())
		require.Empty(t, loaded.Changes())
		require.Equal(t, "ann", loaded.owner)
		require.EqualValues(t, 5, loaded.sum)
		require.Equal(t, []int64{1, 2, 3}, loaded.seen, "Apply sees the version of its event")
	})
}

func TestALoadedAggregateGoesOn(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		save(t, db, tallies(codec()), newTally("a", "ann"))
		again := load(t, db, tallies(codec()), "a")
		again.count(7)
		save(t, db, tallies(codec()), again)
		require.Equal(t, again, load(t, db, tallies(codec()), "a"))
	})
}

func TestAnUnknownIDIsNotFoundAndNeverAnEmptyAggregate(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		a, err := tryLoad(t, db, tallies(codec()), "nobody")
		require.Nil(t, a)
		require.ErrorIs(t, err, es.ErrNotFound)
		refusal, ok := fault.As(err)
		require.True(t, ok)
		require.Equal(t, fault.Missing("TALLY_NOT_FOUND", "there is no tally nobody"), refusal)
		require.EqualError(t, err, "there is no tally nobody")
	})
}

func TestAggregatesOfTwoKindsMayHaveTheSameID(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		others := es.NewRepository("other", func() *tally { return &tally{} }, codec())
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(tallies(codec()).Save(ctx, tx, newTally("a", "ann")), others.Save(ctx, tx, newTally("a", "bob")))
		}))
		require.Equal(t, "ann", load(t, db, tallies(codec()), "a").owner)
		require.Equal(t, "bob", load(t, db, others, "a").owner)
	})
}

func TestAnAggregateCanBeSavedTwiceInAUnitAndLoadedBetween(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		r := tallies(codec())
		a := newTally("a", "ann")
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			require.NoError(t, r.Save(ctx, tx, a))
			a.count(1)
			require.NoError(t, r.Save(ctx, tx, a))
			seen, err := r.Load(ctx, tx, "a")
			require.NoError(t, err)
			require.EqualValues(t, 1, seen.sum)
			a.count(1) // and is not saved
			return nil
		}))
		require.Len(t, a.Changes(), 1)
		save(t, db, r, a)
		require.Equal(t, a, load(t, db, r, "a"))
	})
}

func TestASaveWithoutChangesWritesNothing(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		r := tallies(codec())
		save(t, db, r, newTally("a", "ann"))
		save(t, db, r, load(t, db, r, "a"), &tally{Root: es.NewRoot("untouched")}, &tally{})
		require.Equal(t, 1, number(t, db, `SELECT count(*) FROM events`))
	})
}

func TestWhatCannotBeSaved(t *testing.T) {
	db := open(t)
	tooMany := newTally("b", "ann")
	for range 1000 {
		tooMany.count(1)
	}
	unregistered := es.NewRepository("tally", func() *tally { return &tally{} }, es.NewCodec(opened{}))
	counts := newTally("c", "ann")
	counts.count(1)
	for _, c := range []struct {
		repository *es.Repository[*tally]
		aggregate  *tally
		want       string
	}{
		{tallies(codec()), newTally("", "ann"), "save tally: it has no id"},
		{tallies(codec()), tooMany, "save tally b: 1001 events at once, more than 1000"},
		{unregistered, counts, `save tally c: event "tally.counted" is not registered`},
	} {
		err := db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error { return c.repository.Save(ctx, tx, c.aggregate) })
		require.EqualError(t, err, c.want)
	}
	require.Zero(t, number(t, db, `SELECT count(*) FROM events`))
}

func TestAsManyEventsAsOneSaveTakes(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		a := newTally("a", "ann")
		for range 999 {
			a.count(1)
		}
		save(t, db, tallies(codec()), a)
		require.EqualValues(t, 999, load(t, db, tallies(codec()), "a").sum)
	})
}

func TestALifeWithAMissingEventIsAnError(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		a := newTally("a", "ann")
		a.count(1)
		a.count(2)
		save(t, db, tallies(codec()), a)
		exec(t, db, `DELETE FROM events WHERE version = 2`)
		_, err := tryLoad(t, db, tallies(codec()), "a")
		require.EqualError(t, err, "load tally a: version 3: follows version 1: events are missing")
	})
}

func TestADatabaseThatFailsIsAnErrorAndNotAMissingAggregate(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		save(t, db, tallies(codec()), newTally("a", "ann"))
		exec(t, db, `ALTER TABLE snapshots RENAME TO gone`)
		_, err := tryLoad(t, db, tallies(codec()), "a")
		require.ErrorContains(t, err, "load tally a: ")
		require.NotErrorIs(t, err, es.ErrNotFound)
	})
}

func TestARowThatCannotBeReadIsAnError(t *testing.T) {
	db := open(t) // only SQLite lets a time be anything
	save(t, db, tallies(codec()), newTally("a", "ann"))
	exec(t, db, `UPDATE events SET recorded_at = 'yesterday'`)
	_, err := tryLoad(t, db, tallies(codec()), "a")
	require.ErrorContains(t, err, `a time column holds "yesterday"`)
}

func TestARepositoryThatIsMisbuiltPanics(t *testing.T) {
	fresh := func() *snapTally { return &snapTally{} }
	require.PanicsWithValue(t, `es: repository of "tally": SnapshotSchema begins with 1`,
		func() { es.NewRepository("tally", fresh, codec()) })
	require.PanicsWithValue(t, `es: repository of "" with a snapshot every 50 events`,
		func() { es.NewRepository("", fresh, codec()) })
	require.PanicsWithValue(t, `es: repository of "tally" with a snapshot every 0 events`,
		func() { es.NewRepository("tally", fresh, codec(), es.SnapshotEvery(0)) })
}
