package es_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/es"
	"mallbots.example/pkg/store"
)

const snapshotVersion = `SELECT COALESCE(max(version), 0) FROM snapshots`

func TestASnapshotIsWrittenAtTheIntervalAndSavesReadingWhatIsOlder(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		r := snapTallies(1, nil)
		a := newSnapTally("a", 3)
		save(t, db, r, a)
		require.Zero(t, number(t, db, snapshotVersion), "four events: not yet")
		a.countTimes(1)
		save(t, db, r, a)
		require.Equal(t, 5, number(t, db, snapshotVersion))
		a.countTimes(2)
		save(t, db, r, a)
		require.Equal(t, 5, number(t, db, snapshotVersion), "the next is due five events after the last")

		exec(t, db, `DELETE FROM events WHERE version <= 5`)
		loaded := load(t, db, r, "a")
		require.Equal(t, "a", loaded.ID(), "although Restore overwrote the Root")
		require.EqualValues(t, 7, loaded.Version())
		require.Equal(t, stored(0), loaded.CreatedAt())
		require.Equal(t, stored(6), loaded.UpdatedAt())
		require.Equal(t, "ann", loaded.owner)
		require.EqualValues(t, 6, loaded.sum)
		require.Equal(t, 2, loaded.applied)

		loaded.countTimes(3)
		save(t, db, r, loaded)
		require.Equal(t, 10, number(t, db, snapshotVersion), "counted from the snapshot it was loaded from")
		require.Equal(t, 1, number(t, db, `SELECT count(*) FROM snapshots`))
		exec(t, db, `DELETE FROM events`)
		require.EqualValues(t, 9, load(t, db, r, "a").sum, "nothing follows the snapshot")
	})
}

func TestManyEventsAtOnceMakeOneSnapshotOfTheLast(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		save(t, db, snapTallies(1, nil), newSnapTally("a", 12))
		require.Equal(t, 13, number(t, db, snapshotVersion))
	})
}

func TestASnapshotOfAnotherSchemaIsIgnoredUntilTheNextIsWritten(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		save(t, db, snapTallies(1, nil), newSnapTally("a", 6))
		exec(t, db, `UPDATE snapshots SET state = '{"owner": "of an older form"}'`)

		newer := snapTallies(2, nil)
		a := load(t, db, newer, "a")
		require.Equal(t, 7, a.applied, "a full replay")
		require.Equal(t, "ann", a.owner)
		require.EqualValues(t, 6, a.sum)

		a.countTimes(1)
		save(t, db, newer, a)
		require.Equal(t, 8, number(t, db, snapshotVersion))
		require.Zero(t, load(t, db, newer, "a").applied)
	})
}

func TestAnAggregateThatStoppedHavingSnapshotsIsReplayed(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		save(t, db, snapTallies(1, nil), newSnapTally("a", 6))
		require.Equal(t, 1, number(t, db, `SELECT count(*) FROM snapshots`))
		require.Len(t, load(t, db, tallies(codec()), "a").seen, 7)
	})
}

func TestASnapshotIsRolledBackWithItsUnit(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		r := snapTallies(1, nil)
		a := newSnapTally("a", 4)
		broken := errors.New("broken")
		require.ErrorIs(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			require.NoError(t, r.Save(ctx, tx, a))
			require.NoError(t, tx.Flush(ctx))
			return broken
		}), broken)
		require.Zero(t, number(t, db, snapshotVersion))
		save(t, db, r, a)
		require.Equal(t, 5, number(t, db, snapshotVersion))
	})
}

func TestASnapshotThatCannotBeWrittenOrReadIsAnError(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		broken := newSnapTally("a", 4)
		broken.broken = errors.New("broken")
		err := db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			return snapTallies(1, nil).Save(ctx, tx, broken)
		})
		require.EqualError(t, err, "save tally a: snapshot: json: unsupported type: func()")

		save(t, db, snapTallies(1, nil), newSnapTally("b", 4))
		_, err = tryLoad(t, db, snapTallies(1, errors.New("unreadable")), "b")
		require.EqualError(t, err, "load tally b: version 5: snapshot: unreadable")
	})
}

func TestSnapshotsComeEveryFiftyEventsByDefault(t *testing.T) {
	db := open(t)
	r := es.NewRepository("tally", func() *snapTally { return &snapTally{schema: 1} }, codec())
	a := newSnapTally("a", 48)
	save(t, db, r, a)
	require.Zero(t, number(t, db, snapshotVersion))
	a.countTimes(1)
	save(t, db, r, a)
	require.Equal(t, es.DefaultSnapshotEvery, number(t, db, snapshotVersion))
}
