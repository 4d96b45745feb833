// Package watch lets a streaming RPC wait for changes without asking the database all the time.
//
// A unit of work tells the Hub of its own process what it changed. Changes made by other replicas are found by asking again at an
// interval, so a watcher is late by that interval at the most and never misses the last state.
package watch

import (
	"context"
	"sync"
	"time"
)

// Interval at which a watcher asks again when nothing here woke it.
const Interval = 500 * time.Millisecond

// Hub wakes the watchers of a key. The zero Hub is ready.
type Hub struct {
	mu       sync.Mutex
	watchers map[string]map[chan struct{}]struct{}
}

// Notify wakes whoever watches key. It does not block: a watcher that is busy wakes when it is done.
func (h *Hub) Notify(key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for wake := range h.watchers[key] {
		select {
		case wake <- struct{}{}:
		default: // it has a wake-up waiting
		}
	}
}

// Each calls look at once, whenever key is notified, and at every Interval, until look says that it is done, gives an error, or ctx ends.
func (h *Hub) Each(ctx context.Context, key string, look func(ctx context.Context) (done bool, err error)) error {
	wake := h.add(key)
	defer h.remove(key, wake)
	ticker := time.NewTicker(Interval)
	defer ticker.Stop()
	for {
		if done, err := look(ctx); done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-wake:
		case <-ticker.C:
		}
	}
}

func (h *Hub) add(key string) chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.watchers == nil {
		h.watchers = map[string]map[chan struct{}]struct{}{}
	}
	if h.watchers[key] == nil {
		h.watchers[key] = map[chan struct{}]struct{}{}
	}
	wake := make(chan struct{}, 1)
	h.watchers[key][wake] = struct{}{}
	return wake
}

func (h *Hub) remove(key string, wake chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.watchers[key], wake)
	if len(h.watchers[key]) == 0 {
		delete(h.watchers, key)
	}
}
