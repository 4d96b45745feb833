package idempotency_test

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/id"
	"mallbots.example/pkg/idempotency"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
)

// BenchmarkRequest is what an id costs a request that makes one row: one round trip for the lookup, and a row in the commit's batch. A
// repeat is the lookup only.
func BenchmarkRequest(b *testing.B) {
	for name, rawURL := range storetest.URLs(b) {
		db, err := store.Open(b.Context(), rawURL(b), slog.New(slog.DiscardHandler))
		require.NoError(b, err)
		defer db.Close()
		require.NoError(b, db.Migrate(b.Context(), things, idempotency.Schema))
		c, _ := register(db, putThing(db))
		repeated := id.UUIDv7()
		for what, requestID := range map[string]func() string{
			"without id": func() string { return "" }, "with id": id.UUIDv7, "repeated": func() string { return repeated },
		} {
			b.Run(name+"/"+what, func(b *testing.B) {
				for b.Loop() {
					if _, err := c["PutThing"].Handler(nil, b.Context(), decode(newPut("mug", requestID())), nil); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
