package outbox

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
)

// benchmark runs work over every database at hand, with the real Redis of TEST_REDIS_URL.
func benchmark(b *testing.B, work func(b *testing.B, r *rig)) {
	rawURL := os.Getenv(redisURL)
	if rawURL == "" {
		b.Skip(redisURL + " is not set")
	}
	options, err := redis.ParseURL(rawURL)
	require.NoError(b, err)
	for name, makeDB := range storetest.URLs(b) {
		b.Run(name, func(b *testing.B) {
			db, err := store.Open(b.Context(), makeDB(b), discard)
			require.NoError(b, err)
			b.Cleanup(func() { require.NoError(b, db.Close()) })
			require.NoError(b, db.Migrate(b.Context(), Schema))
			work(b, newRig(b, db, options))
		})
	}
}

// sentAll waits until n messages are sent and recorded. Counting rows each millisecond would be most of the work.
func (r *rig) sentAll(n int, o *Outbox) {
	r.Helper()
	require.Eventually(r, func() bool { return r.look.XLen(context.Background(), r.topic).Val() >= int64(n) }, time.Hour, 5*time.Millisecond)
	r.recordedAll(o)
}

// BenchmarkBacklog is what the sweeper sends of a table full of messages: claim, XADD, mark.
func BenchmarkBacklog(b *testing.B) {
	benchmark(b, func(b *testing.B, r *rig) {
		o := r.outbox(nil)
		r.publish(o, numbered("m", b.N)...)
		b.ResetTimer()
		stop := r.run(o)
		r.sentAll(b.N, o)
		b.StopTimer()
		stop()
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
	})
}

// BenchmarkCommitted is the whole way: units of work of some messages each, committed side by side, relayed from memory and recorded.
func BenchmarkCommitted(b *testing.B) {
	for _, size := range []int{1, 50} {
		b.Run(fmt.Sprintf("%d a commit", size), func(b *testing.B) {
			benchmark(b, func(b *testing.B, r *rig) {
				o := r.outbox(nil)
				stop := r.run(o)
				b.ResetTimer()
				b.SetParallelism(4) // times GOMAXPROCS: commits wait for the disk
				b.RunParallel(func(p *testing.PB) {
					for more := true; more; {
						var ids []string
						for len(ids) < size && more {
							if more = p.Next(); more {
								ids = append(ids, o.cfg.IDs())
							}
						}
						err := r.db.Do(context.Background(), func(ctx context.Context, tx *store.Tx) error {
							o.Publish(ctx, tx, r.messages(ids...)...)
							return nil
						})
						if err != nil {
							b.Error(err)
						}
					}
				})
				r.sentAll(b.N, o)
				b.StopTimer()
				stop()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
			})
		})
	}
}
