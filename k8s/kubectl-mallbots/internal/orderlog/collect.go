package orderlog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"
)

const (
	// readers is how many logs are read at the same time: enough to hide round trips, and no load to an API server.
	readers = 8
	// maxLines of one order are shown: a hundred is usual, and more than this is not for reading.
	maxLines = 10_000
)

// Source is a container whose log is read.
type Source struct {
	Service, Pod, Container string
	// Previous is for the container that was there before, and died.
	Previous bool
}

// Logs reads logs.
type Logs interface {
	// Sources are the containers of the mall now.
	Sources(ctx context.Context) ([]Source, error)
	// Open opens a container's log, with timestamps, from about since on (within the second before). The zero time is from its beginning.
	Open(ctx context.Context, source Source, since time.Time, follow bool) (io.ReadCloser, error)
}

// Collected is what the logs hold about an order until now.
type Collected struct {
	Lines []Line // by time
	// Cut says that there was more; the lines are then not the first ones.
	Cut bool
	// Read is how far each log was read.
	Read map[Source]time.Time
	// Failed says which logs could not be read.
	Failed []error
}

// Collect reads all logs from since on and gives the lines with words in them. A log that can't be read does not hide the others.
func Collect(ctx context.Context, logs Logs, since time.Time, words string) (Collected, error) {
	sources, err := logs.Sources(ctx)
	if err != nil {
		return Collected{}, err
	}
	c := Collected{Read: map[Source]time.Time{}}
	var mu sync.Mutex
	next := make(chan Source, len(sources))
	for _, source := range sources {
		next <- source
	}
	close(next)
	var reading sync.WaitGroup
	for range min(readers, len(sources)) {
		reading.Go(func() {
			for source := range next {
				var lines []Line
				cut := false
				last, err := read(ctx, logs, source, since, false, words, func(line Line) {
					if lines = append(lines, line); len(lines) == 2*maxLines { // what is kept is the last of them, as of all logs together
						lines, cut = slices.Delete(lines, 0, maxLines), true
					}
				})
				mu.Lock()
				c.Lines, c.Cut = append(c.Lines, lines...), c.Cut || cut
				c.Read[source] = last
				if err != nil {
					c.Failed = append(c.Failed, err)
				}
				mu.Unlock()
			}
		})
	}
	reading.Wait()
	if ctx.Err() != nil {
		return Collected{}, ctx.Err()
	}
	slices.SortStableFunc(c.Lines, byTime)
	if more := len(c.Lines) - maxLines; more > 0 {
		c.Lines, c.Cut = c.Lines[more:], true
	}
	if len(c.Failed) == len(sources) {
		return Collected{}, errors.Join(c.Failed...)
	}
	return c, nil
}

// byTime orders lines; those of the same moment, which only a coarse clock makes, by service.
func byTime(a, b Line) int {
	return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Pod, b.Pod))
}

// read reads one log to its end.
func read(ctx context.Context, logs Logs, source Source, after time.Time, follow bool, words string, found func(Line)) (time.Time, error) {
	log, err := logs.Open(ctx, source, after, follow)
	if err != nil {
		return after, fmt.Errorf("the log of %s: %w", source.Pod, err)
	}
	defer log.Close()
	last, err := scan(ctx, log, source, after, words, found)
	if err != nil {
		return last, fmt.Errorf("the log of %s: %w", source.Pod, err)
	}
	return last, nil
}

// inOrder gives the names of attributes: the first ones first, then the others by name.
func inOrder(fields map[string]any) []string {
	var keys []string
	for _, key := range first {
		if _, ok := fields[key]; ok {
			keys = append(keys, key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(first, key) {
			keys = append(keys, key)
		}
	}
	return keys
}
