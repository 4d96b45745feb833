// Package gauge tells how things stand that only a database or Redis knows: what waits in an outbox, in a stream, in a table. One loop
// of a process asks at an interval; a scrape of the metrics gets what was answered last and asks nothing. So a slow database never makes
// a scrape late, and the cost is the same however many scrape.
//
// Every replica of a service asks the same database and tells the same figures: add up counters over replicas, but take the maximum of
// these.
package gauge

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"mallbots.example/pkg/store"
)

const (
	// Interval is how old a figure may be: less than the 15 to 60 s at which Prometheus usually asks, and some queries of an index each.
	Interval = 10 * time.Second
	// lookTimeout is far more than counting takes. Who does not answer in time is left out of this round.
	lookTimeout = 2 * time.Second
)

// Source is somebody who knows figures.
type Source struct {
	// Name is for the log.
	Name string
	// Descs are all metrics that Look may give.
	Descs []*prometheus.Desc
	// Look gives the figures of now. A figure that can't be told is left out, which an alert can see; it is not 0.
	Look func(ctx context.Context) ([]prometheus.Metric, error)
}

// Board holds what the sources said last. It is a prometheus.Collector.
type Board struct {
	log     *slog.Logger
	sources []Source

	mu      sync.Mutex
	figures [][]prometheus.Metric // by source; none of one that failed: an old figure would look like a new one
	failing []bool                // by source, so that a failure is logged once
}

// NewBoard makes a board that is empty until Look or Run.
func NewBoard(log *slog.Logger, sources ...Source) *Board {
	return &Board{log: log, sources: sources, figures: make([][]prometheus.Metric, len(sources)), failing: make([]bool, len(sources))}
}

// Of is a gauge's value, for Look.
func Of(desc *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
}

// Age is how long ago since was, in seconds; 0 for the zero time, and for one that another machine's clock puts into the future.
func Age(now, since time.Time) float64 {
	if since.IsZero() {
		return 0
	}
	return max(0, now.Sub(since).Seconds())
}

// Run looks at once, and then at every Interval, until ctx ends.
func (b *Board) Run(ctx context.Context) error {
	ticker := time.NewTicker(Interval)
	defer ticker.Stop()
	for {
		b.Look(ctx)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// Look asks each source once, side by side.
func (b *Board) Look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	var looking sync.WaitGroup
	for i, source := range b.sources {
		looking.Go(func() {
			var figures []prometheus.Metric
			err := store.Protect(func() (err error) {
				figures, err = source.Look(ctx)
				return err
			})
			b.set(ctx, i, figures, err)
		})
	}
	looking.Wait()
}

func (b *Board) set(ctx context.Context, i int, figures []prometheus.Metric, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil && errors.Is(ctx.Err(), context.Canceled) {
		return // the process ends, the source is not to blame
	}
	if err != nil {
		figures = nil
		if !b.failing[i] {
			b.log.WarnContext(ctx, "figures are missing from the metrics until they can be told again", "of", b.sources[i].Name, "error", err)
		}
	}
	b.figures[i], b.failing[i] = figures, err != nil
}

// Describe implements prometheus.Collector.
func (b *Board) Describe(descs chan<- *prometheus.Desc) {
	for _, source := range b.sources {
		for _, desc := range source.Descs {
			descs <- desc
		}
	}
}

// Collect implements prometheus.Collector.
func (b *Board) Collect(metrics chan<- prometheus.Metric) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, figures := range b.figures {
		for _, figure := range figures {
			metrics <- figure
		}
	}
}
