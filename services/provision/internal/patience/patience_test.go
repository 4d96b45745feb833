package patience_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/services/provision/internal/patience"
)

// noTime passes at once; the waits are kept.
func noTime(waits *[]time.Duration) func(time.Duration) <-chan time.Time {
	return func(d time.Duration) <-chan time.Time {
		*waits = append(*waits, d)
		passed := make(chan time.Time, 1)
		passed <- time.Time{}
		return passed
	}
}

func TestAServerThatIsNotThereYetIsWaitedForWithGrowingPauses(t *testing.T) {
	var waits []time.Duration
	var log bytes.Buffer
	p := patience.Patience{Log: slog.New(slog.NewTextHandler(&log, nil)), After: noTime(&waits)}
	attempts := 0
	err := p.Until(t.Context(), "Redis", func(context.Context) error {
		if attempts++; attempts < 8 {
			return patience.Wait(errors.New("connection refused"))
		}
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, []time.Duration{
		250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second, 5 * time.Second,
	}, waits)
	require.Equal(t, 1, strings.Count(log.String(), "connection refused"), "said once")
}

func TestWhatTimeDoesNotMendIsToldAtOnce(t *testing.T) {
	p := patience.Patience{Log: slog.New(slog.DiscardHandler), After: func(time.Duration) <-chan time.Time {
		t.Error("waits")
		return nil
	}}
	err := p.Until(t.Context(), "Redis", func(context.Context) error { return errors.New("wrong password") })
	require.EqualError(t, err, "Redis: wrong password")
}

func TestPatienceEndsWithItsContext(t *testing.T) {
	ctx, end := context.WithCancelCause(t.Context())
	p := patience.Patience{Log: slog.New(slog.DiscardHandler), After: func(time.Duration) <-chan time.Time {
		end(errors.New("waited 5m0s"))
		return nil
	}}
	err := p.Until(ctx, "Redis", func(context.Context) error { return patience.Wait(errors.New("connection refused")) })
	require.EqualError(t, err, "waited 5m0s for Redis: connection refused")
}
