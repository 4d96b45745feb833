package orderlog

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	// holdBack is longer than a line takes from a node to here, and shorter than a person minds.
	holdBack = time.Second
	// maxHeld lines are held back.
	maxHeld = 1000
	// maxFollowed logs are followed at a time: each is a connection that stays open. A mall of three replicas has some forty.
	maxFollowed = 200
	// lookInterval is how late the pod of a rollout is found, and how soon a log that ended is opened again.
	lookInterval = 3 * time.Second
)

// Follow gives the lines with words in them from where Collect has read to, by time, until ctx ends. Logs that end are opened again where
// they were, and pods that come are found. warn is told what can't be followed, once each.
func Follow(ctx context.Context, logs Logs, read map[Source]time.Time, words string, show func(Line) error, warn func(error)) error {
	f := follower{
		logs: logs, words: words, read: map[Source]time.Time{}, open: map[Source]bool{}, warned: map[Source]bool{},
		lines: make(chan Line), warn: warn,
	}
	for source, last := range read {
		f.read[source] = last
	}
	ctx, cancel := context.WithCancel(ctx)
	defer f.reading.Wait()
	defer cancel()
	merger := NewMerger(holdBack, maxHeld)
	look := time.NewTicker(lookInterval)
	defer look.Stop()
	release := time.NewTicker(holdBack / 4)
	defer release.Stop()
	f.look(ctx)
	for {
		var out []Line
		select {
		case <-ctx.Done():
			out = merger.Rest()
		case <-look.C:
			f.look(ctx)
		case line := <-f.lines:
			out = merger.Add(line, time.Now())
		case now := <-release.C:
			out = merger.Due(now)
		}
		for _, line := range out {
			if err := show(line); err != nil {
				return err
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// follower keeps a reader on each log.
type follower struct {
	logs    Logs
	words   string
	lines   chan Line
	warn    func(error)
	reading sync.WaitGroup

	mu     sync.Mutex
	read   map[Source]time.Time // how far
	open   map[Source]bool
	warned map[Source]bool
}

// look opens the logs that are not open. A container that was started anew has the same name: its log goes on.
func (f *follower) look(ctx context.Context) {
	sources, err := f.logs.Sources(ctx)
	if err != nil {
		f.tell(ctx, Source{}, err)
		return
	}
	for _, source := range sources {
		if source.Previous || !f.take(source) {
			continue
		}
		f.reading.Go(func() {
			defer f.giveBack(source)
			f.follow(ctx, source)
		})
	}
}

func (f *follower) follow(ctx context.Context, source Source) {
	f.mu.Lock()
	after := f.read[source]
	f.mu.Unlock()
	last, err := read(ctx, f.logs, source, after, true, f.words, func(line Line) {
		select {
		case f.lines <- line:
		case <-ctx.Done():
		}
	})
	f.mu.Lock()
	f.read[source] = last
	f.mu.Unlock()
	if err != nil {
		f.tell(ctx, source, err)
	}
}

// take reports whether a log is to be opened now.
func (f *follower) take(source Source) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open[source] || len(f.open) >= maxFollowed {
		return false
	}
	f.open[source] = true
	return true
}

func (f *follower) giveBack(source Source) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.open, source)
}

// tell warns once of each log: what starts or ends is not there for a while.
func (f *follower) tell(ctx context.Context, source Source, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if ctx.Err() != nil || f.warned[source] {
		return
	}
	f.warned[source] = true
	f.warn(fmt.Errorf("%w; it is tried again", err))
}
