package es_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/es"
	"mallbots.example/pkg/store"
)

func page(t *testing.T, db *store.DB, r *es.Repository[*tally], after es.Stored, limit int) (events []es.Stored, err error) {
	t.Helper()
	err = db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		events, err = r.Events(ctx, tx, after, limit)
		return err
	})
	return events, err
}

func TestAProjectionIsBuiltFromPagesOfEveryEventOfAKind(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		b := newTally("b", "bob")
		b.count(1)
		save(t, db, tallies(codec()), b, newTally("a", "ann"), newTally("c", "cid"))
		save(t, db, es.NewRepository("other", func() *tally { return &tally{} }, codec()), newTally("aa", "of another kind"))

		var all []es.Stored
		var after es.Stored
		for {
			events, err := page(t, db, tallies(codec()), after, 3)
			require.NoError(t, err)
			if len(events) == 0 {
				break
			}
			require.LessOrEqual(t, len(events), 3)
			all = append(all, events...)
			after = events[len(events)-1]
		}
		require.Equal(t, []es.Stored{
			{ID: "a", Recorded: es.Recorded{Event: opened{Owner: "ann"}, Version: 1, At: stored(0)}},
			{ID: "b", Recorded: es.Recorded{Event: opened{Owner: "bob"}, Version: 1, At: stored(0)}},
			{ID: "b", Recorded: es.Recorded{Event: counted{Pieces: 1}, Version: 2, At: stored(1)}},
			{ID: "c", Recorded: es.Recorded{Event: opened{Owner: "cid"}, Version: 1, At: stored(0)}},
		}, all)
	})
}

func TestAPageOfEventsHasALimit(t *testing.T) {
	db := open(t)
	a := newTally("a", "ann")
	for range 999 {
		a.count(1)
	}
	save(t, db, tallies(codec()), a, newTally("b", "bob"))
	for limit, want := range map[int]int{1_000_000: 1000, 1000: 1000, 999: 999, 0: 1, -1: 1} {
		events, err := page(t, db, tallies(codec()), es.Stored{}, limit)
		require.NoError(t, err)
		require.Len(t, events, want)
	}
}

func TestAPageWithAnUnknownEventIsAnErrorThatNamesIt(t *testing.T) {
	db := open(t)
	save(t, db, tallies(codec()), newTally("a", "ann"))
	_, err := page(t, db, tallies(es.NewCodec(counted{})), es.Stored{}, 10)
	require.EqualError(t, err, `events of tally: a: version 1: event "tally.opened" is not registered`)
	exec(t, db, `UPDATE events SET recorded_at = 'yesterday'`)
	_, err = page(t, db, tallies(codec()), es.Stored{}, 10)
	require.ErrorContains(t, err, `a time column holds "yesterday"`)
}
