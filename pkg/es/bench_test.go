package es_test

import (
	"context"
	"log/slog"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/es"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
)

// BenchmarkLoad tells what a snapshot saves: the time to load an aggregate of 200 events.
func BenchmarkLoad(b *testing.B) {
	benchmark(b, func(b *testing.B, db *store.DB) {
		a := newSnapTally("a", 199)
		save(b, db, snapTallies(1, nil), a)
		for name, schema := range map[string]int{"snapshot": 1, "replay": 2} {
			b.Run(name, func(b *testing.B) {
				r := snapTallies(schema, nil)
				for b.Loop() {
					load(b, db, r, "a")
				}
			})
		}
	})
}

// BenchmarkInterval loads an aggregate that is some events past its snapshot: what DefaultSnapshotEvery trades against writing one.
func BenchmarkInterval(b *testing.B) {
	benchmark(b, func(b *testing.B, db *store.DB) {
		for _, after := range []int{0, 25, 50, 100} {
			id := strconv.Itoa(after)
			r := es.NewRepository("tally", func() *snapTally { return &snapTally{schema: 1} }, codec(), es.SnapshotEvery(101))
			a := newSnapTally(id, 100)
			save(b, db, r, a)
			a.countTimes(after)
			save(b, db, r, a)
			b.Run(id, func(b *testing.B) {
				for b.Loop() {
					load(b, db, r, id)
				}
			})
		}
	})
}

// BenchmarkSave appends one event in a unit of work of its own, without and with a snapshot each time.
func BenchmarkSave(b *testing.B) {
	benchmark(b, func(b *testing.B, db *store.DB) {
		for name, every := range map[string]int{"event": 1 << 40, "event and snapshot": 1} {
			b.Run(name, func(b *testing.B) {
				r := es.NewRepository(name, func() *snapTally { return &snapTally{schema: 1} }, codec(), es.SnapshotEvery(every))
				a := newSnapTally("a", 0)
				exec(b, db, `DELETE FROM events`) // of an earlier run
				for b.Loop() {
					a.countTimes(1)
					save(b, db, r, a)
				}
			})
		}
	})
}

func benchmark(b *testing.B, run func(b *testing.B, db *store.DB)) {
	for name, rawURL := range storetest.URLs(b) {
		b.Run(name, func(b *testing.B) {
			db, err := store.Open(context.Background(), rawURL(b), slog.New(slog.DiscardHandler))
			require.NoError(b, err)
			b.Cleanup(func() { require.NoError(b, db.Close()) })
			require.NoError(b, db.Migrate(b.Context(), es.Schema))
			run(b, db)
		})
	}
}
