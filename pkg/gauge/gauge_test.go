package gauge_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/gauge"
)

var waiting = prometheus.NewDesc("guests_waiting", "Guests.", []string{"door"}, nil)

// door is a source that gives what the test says.
func door(name string, look func() (float64, error)) gauge.Source {
	return gauge.Source{Name: name, Descs: []*prometheus.Desc{waiting}, Look: func(context.Context) ([]prometheus.Metric, error) {
		n, err := look()
		return []prometheus.Metric{gauge.Of(waiting, n, name)}, err
	}}
}

func guests(lines ...string) *strings.Reader {
	return strings.NewReader("# HELP guests_waiting Guests.\n# TYPE guests_waiting gauge\n" + strings.Join(lines, "\n") + "\n")
}

func TestAScrapeGetsWhatWasSaidLast(t *testing.T) {
	n, asked := 3.0, 0
	board := gauge.NewBoard(slog.New(slog.DiscardHandler), door("front", func() (float64, error) { asked++; return n, nil }))
	require.Zero(t, testutil.CollectAndCount(board), "nobody was asked yet")
	board.Look(t.Context())
	n = 5
	for range 3 {
		require.NoError(t, testutil.CollectAndCompare(board, guests(`guests_waiting{door="front"} 3`)))
	}
	require.Equal(t, 1, asked)
	board.Look(t.Context())
	require.NoError(t, testutil.CollectAndCompare(board, guests(`guests_waiting{door="front"} 5`)))
}

func TestASourceThatFailsIsLeftOutAndTheOthersAreNot(t *testing.T) {
	var log bytes.Buffer
	var trouble error
	board := gauge.NewBoard(slog.New(slog.NewTextHandler(&log, nil)),
		door("front", func() (float64, error) { return 1, nil }),
		door("back", func() (float64, error) { return 2, trouble }),
		door("side", func() (float64, error) {
			if trouble != nil {
				panic("side door")
			}
			return 3, nil
		}))
	all := []string{`guests_waiting{door="back"} 2`, `guests_waiting{door="front"} 1`, `guests_waiting{door="side"} 3`}
	board.Look(t.Context())
	require.NoError(t, testutil.CollectAndCompare(board, guests(all...)))

	trouble = errors.New("it is locked")
	for range 3 {
		board.Look(t.Context())
		require.NoError(t, testutil.CollectAndCompare(board, guests(all[1])))
	}
	require.Equal(t, 1, strings.Count(log.String(), "it is locked"), "once, not at every look")

	trouble = nil
	board.Look(t.Context())
	require.NoError(t, testutil.CollectAndCompare(board, guests(all...)))
}

func TestTwoServicesOfOneProcessTellTheSameFigures(t *testing.T) {
	registry := prometheus.NewRegistry()
	for _, name := range []string{"a", "b"} {
		board := gauge.NewBoard(slog.New(slog.DiscardHandler), door("front", func() (float64, error) { return 1, nil }))
		require.NoError(t, prometheus.WrapRegistererWith(prometheus.Labels{"service": name}, registry).Register(board))
		board.Look(t.Context())
	}
	n, err := testutil.GatherAndCount(registry, "guests_waiting")
	require.NoError(t, err)
	require.Equal(t, 2, n)
}

func TestRunLooksAtOnceAndEndsWithItsContext(t *testing.T) {
	looked := make(chan struct{}, 1)
	board := gauge.NewBoard(slog.New(slog.DiscardHandler), door("front", func() (float64, error) { looked <- struct{}{}; return 1, nil }))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- board.Run(ctx) }()
	<-looked
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
}

func TestAProcessThatEndsComplainsOfNoSource(t *testing.T) {
	var log bytes.Buffer
	ctx, cancel := context.WithCancel(t.Context())
	board := gauge.NewBoard(slog.New(slog.NewTextHandler(&log, nil)), gauge.Source{
		Name: "front", Descs: []*prometheus.Desc{waiting},
		Look: func(ctx context.Context) ([]prometheus.Metric, error) { cancel(); return nil, ctx.Err() },
	})
	board.Look(ctx)
	require.Empty(t, log.String())
}

func TestAnAgeIsNeverNegative(t *testing.T) {
	now := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	require.InDelta(t, 1.5, gauge.Age(now, now.Add(-1500*time.Millisecond)), 0)
	require.Zero(t, gauge.Age(now, now.Add(time.Minute)))
	require.Zero(t, gauge.Age(now, time.Time{}))
}
