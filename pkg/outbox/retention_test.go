package outbox

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/store"
)

func (r *rig) rows() (n int) {
	r.Helper()
	require.NoError(r, r.db.Read(context.Background(), func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT COUNT(*) FROM outbox`).Scan(&n)
	}))
	return n
}

func TestSentRowsAreKeptForTheRetentionAndUnsentOnesForEver(t *testing.T) {
	each(t, func(r *rig) {
		now := clock.NewManual(time.Now())
		o := r.outbox(func(c *Config) { c.Clock, c.BatchSize = now, 4 })
		stop := r.run(o)
		r.publish(o, numbered("sent", 10)...)
		r.recordedAll(o)
		stop()
		r.publish(o, "unsent")

		now.Advance(defaultRetention)
		require.NoError(r, o.prune(r.Context(), false))
		require.Equal(r, 11, r.rows())
		now.Advance(time.Microsecond)
		require.NoError(r, o.prune(r.Context(), false))
		require.Equal(r, 1, r.rows())
		require.EqualValues(r, 1, r.unsent(o))
	})
}

func TestRunPrunes(t *testing.T) {
	each(t, func(r *rig) {
		now := clock.NewManual(time.Now())
		o := r.outbox(func(c *Config) { c.Clock, c.RetentionInterval = now, soon })
		r.run(o)
		r.publish(o, "a")
		r.recordedAll(o)
		now.Advance(defaultRetention + time.Second)
		r.eventually(func() bool { return r.rows() == 0 })
		require.Len(r, r.stream(), 1, "the stream is the janitor's")
	})
}
