package idempotency_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/idempotency"
	"mallbots.example/pkg/store"
)

// fill stores n answers of one time.
func fill(t *testing.T, db *store.DB, prefix string, n int, at time.Time) {
	t.Helper()
	require.NoError(t, db.Do(t.Context(), func(_ context.Context, tx *store.Tx) error {
		for i := range n {
			tx.Queue(`INSERT INTO requests (id, method, hash, response, created_at) VALUES ($1, '', $2, $2, $3)`,
				fmt.Sprintf("%s%d", prefix, i), []byte{}, at)
		}
		return nil
	}))
}

func TestAnswersAreForgottenAfterADay(t *testing.T) {
	eachDB(t, func(t *testing.T, db *store.DB) {
		fill(t, db, "old", 2*idempotency.PruneBatch+1, now.Add(-idempotency.Retention-time.Microsecond))
		fill(t, db, "young", 3, now.Add(-idempotency.Retention))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- idempotency.NewRegistrar(calls{}, db, clock.NewManual(now)).Run(ctx) }()
		require.Eventually(t, func() bool { return count(t, db, "requests") == 3 }, 20*time.Second, 5*time.Millisecond)
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
	})
}

func TestPruningThatFailsIsToldToTheSupervisor(t *testing.T) {
	eachDB(t, func(t *testing.T, db *store.DB) {
		require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `DROP TABLE requests`)
			return err
		}))
		require.ErrorContains(t, idempotency.NewRegistrar(calls{}, db, clock.NewManual(now)).Run(t.Context()), "requests")
	})
}
