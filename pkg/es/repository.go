package es

import "fmt"

// DefaultSnapshotEvery is how many events may follow a snapshot before the next is written. Each event costs a load 2 to 3 µs
// (BenchmarkInterval), so fifty cost 0.1 to 0.15 ms: about a third of the commit to Postgres that mostly follows (BenchmarkSave, 0.43 ms).
// With 150 the replay would cost as much as the commit; with much fewer, states would be rewritten for loads that gain nothing one can
// measure. Aggregates of short life never reach it and have no snapshot.
const DefaultSnapshotEvery = 50

// Repository keeps the aggregates of one kind.
type Repository[A Aggregate] struct {
	kind    string
	fresh   func() A
	codec   *Codec
	options options
}

type options struct{ snapshotEvery int64 }

// Option changes a Repository from its defaults.
type Option func(*options)

// SnapshotEvery has a snapshot written after n events instead of DefaultSnapshotEvery: fewer for aggregates that are read far more
// often than they change, more for those with a large state.
func SnapshotEvery(n int) Option { return func(o *options) { o.snapshotEvery = int64(n) } }

// NewRepository keeps aggregates under kind, in lower_snake_case ("order"), which is stored with each event and never changes. fresh
// makes an empty aggregate; its Root is filled by Load. Snapshots are written for aggregates that are Snapshotters. A blank kind, or an
// interval or a snapshot schema below one, is a mistake of the program, and panics.
func NewRepository[A Aggregate](kind string, fresh func() A, codec *Codec, opts ...Option) *Repository[A] {
	r := &Repository[A]{kind: kind, fresh: fresh, codec: codec, options: options{snapshotEvery: DefaultSnapshotEvery}}
	for _, opt := range opts {
		opt(&r.options)
	}
	if kind == "" || r.options.snapshotEvery < 1 {
		panic(fmt.Sprintf("es: repository of %q with a snapshot every %d events", kind, r.options.snapshotEvery))
	}
	if s, ok := any(fresh()).(Snapshotter); ok && s.SnapshotSchema() <= noSnapshot {
		panic(fmt.Sprintf("es: repository of %q: SnapshotSchema begins with 1", kind))
	}
	return r
}
