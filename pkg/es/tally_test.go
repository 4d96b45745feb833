package es_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/es"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
)

// noon has more digits than a database keeps, in a zone that no database knows.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.FixedZone("there", 3600))

// stored is how noon plus n hours comes back.
func stored(n int) time.Time {
	return time.Date(2026, 3, 1, 11+n, 0, 0, 123456000, time.UTC)
}

type opened struct {
	Owner string `json:"owner"`
}

type counted struct {
	Pieces int64             `json:"pieces"`
	Of     map[string]string `json:"of,omitempty"`
}

func (opened) EventName() string  { return "tally.opened" }
func (counted) EventName() string { return "tally.counted" }

func codec() *es.Codec { return es.NewCodec(opened{}, counted{}) }

// tally is an aggregate without snapshots.
type tally struct {
	es.Root
	owner string
	sum   int64
	seen  []int64 // Version as Apply saw it
}

func newTally(id, owner string) *tally {
	t := &tally{Root: es.NewRoot(id)}
	es.Raise(t, opened{Owner: owner}, noon)
	return t
}

func (t *tally) count(pieces int64) {
	es.Raise(t, counted{Pieces: pieces}, noon.Add(time.Duration(t.Version())*time.Hour))
}

func (t *tally) Apply(event es.Event) {
	t.seen = append(t.seen, t.Version())
	switch e := event.(type) {
	case opened:
		t.owner = e.Owner
	case counted:
		t.sum += e.Pieces
	}
}

func tallies(c *es.Codec) *es.Repository[*tally] {
	return es.NewRepository("tally", func() *tally { return &tally{} }, c)
}

// snapTally is a tally with snapshots. schema stands for what a newer program would return.
type snapTally struct {
	tally
	schema  int
	broken  error
	applied int
}

type tallyState struct {
	Owner string `json:"owner"`
	Sum   int64  `json:"sum"`
}

func (t *snapTally) Apply(event es.Event) {
	t.applied++
	t.tally.Apply(event)
}
func (t *snapTally) SnapshotSchema() int { return t.schema }
func (t *snapTally) Snapshot() any {
	if t.broken != nil {
		return func() {} // json can't write it
	}
	return tallyState{Owner: t.owner, Sum: t.sum}
}

func (t *snapTally) Restore(decode func(into any) error) error {
	var state tallyState
	if err := errors.Join(t.broken, decode(&state)); err != nil {
		return err
	}
	*t = snapTally{schema: t.schema, tally: tally{owner: state.Owner, sum: state.Sum}} // Root and all
	return nil
}

// snapTallies writes a snapshot every five events.
func snapTallies(schema int, broken error) *es.Repository[*snapTally] {
	return es.NewRepository("tally", func() *snapTally { return &snapTally{schema: schema, broken: broken} }, codec(), es.SnapshotEvery(5))
}

func newSnapTally(id string, counts int) *snapTally {
	t := &snapTally{schema: 1, tally: tally{Root: es.NewRoot(id)}}
	es.Raise(t, opened{Owner: "ann"}, noon)
	t.countTimes(counts)
	return t
}

func (t *snapTally) countTimes(n int) {
	for range n {
		es.Raise(t, counted{Pieces: 1}, noon.Add(time.Duration(t.Version())*time.Hour))
	}
}

func each(t *testing.T, test func(t *testing.T, db *store.DB)) {
	storetest.Each(t, []store.Schema{es.Schema}, test)
}

func open(t testing.TB) *store.DB { return storetest.Open(t, es.Schema) }

func load[A es.Aggregate](t testing.TB, db *store.DB, r *es.Repository[A], id string) A {
	t.Helper()
	a, err := tryLoad(t, db, r, id)
	require.NoError(t, err)
	return a
}

func tryLoad[A es.Aggregate](t testing.TB, db *store.DB, r *es.Repository[A], id string) (a A, err error) {
	t.Helper()
	err = db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		a, err = r.Load(ctx, tx, id)
		return err
	})
	return a, err
}

func save[A es.Aggregate](t testing.TB, db *store.DB, r *es.Repository[A], aggregates ...A) {
	t.Helper()
	require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		for _, a := range aggregates {
			if err := r.Save(ctx, tx, a); err != nil {
				return err
			}
		}
		return nil
	}))
}

func exec(t testing.TB, db *store.DB, query string, args ...any) {
	t.Helper()
	require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	}))
}

func number(t testing.TB, db *store.DB, query string) (n int) {
	t.Helper()
	require.NoError(t, db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, query).Scan(&n)
	}))
	return n
}
