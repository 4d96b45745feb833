package message_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"

	wm "github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
)

// BenchmarkConsume is the way of a message from the subscriber to its acknowledgement, with a row as its effect, and with the line about
// it in the log or without.
func BenchmarkConsume(b *testing.B) {
	urls := storetest.URLs(b)
	urls["sqlite-file"] = func(b testing.TB) string { return "sqlite://" + b.TempDir() + "/bench.db" } // fsynced, as a mall's is
	for name, rawURL := range urls {
		for _, subjects := range []int{1, 1000} {
			for log, handler := range logs(b) {
				b.Run(fmt.Sprintf("%s/subjects=%d/log=%s", name, subjects, log), func(b *testing.B) {
					db, err := store.Open(b.Context(), rawURL(b), slog.New(slog.DiscardHandler))
					require.NoError(b, err)
					b.Cleanup(func() { require.NoError(b, db.Close()) })
					require.NoError(b, db.Migrate(b.Context(), message.Schema, effects))
					consumeAll(b, db, slog.New(handler), subjects)
				})
			}
		}
	}
}

// logs are the handlers with which the benchmark runs: none, and JSON with a system call a line, as a service has.
func logs(b *testing.B) map[string]slog.Handler {
	file, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, file.Close()) })
	return map[string]slog.Handler{"off": slog.DiscardHandler, "json": slog.NewJSONHandler(file, nil)}
}

func consumeAll(b *testing.B, db *store.DB, log *slog.Logger, subjects int) {
	b.ReportAllocs()
	r := runWith(b, db, newBus(), log, soon, message.OnEvent(func(_ context.Context, tx *store.Tx, _ message.Meta, event *wrapperspb.StringValue) error {
		effect(tx, event.Value)
		return nil
	}))
	all := make([]*wm.Message, b.N)
	for i := range all {
		all[i] = encode(b, fmt.Sprint(i%subjects), wrapperspb.String("a word"))
	}
	b.ResetTimer()
	go r.deliver(all...)
	for _, m := range all {
		<-m.Acked()
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
}
