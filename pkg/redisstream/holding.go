package redisstream

import (
	"slices"
	"sync"
)

// holding is the set of entries that this consumer has read and not yet acknowledged in Redis, nor given up.
type holding struct {
	mu  sync.Mutex
	ids map[string]struct{}
}

func newHolding() *holding { return &holding{ids: map[string]struct{}{}} }

// add gives false when id is held already.
func (h *holding) add(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, known := h.ids[id]; known {
		return false
	}
	h.ids[id] = struct{}{}
	return true
}

func (h *holding) remove(ids ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, id := range ids {
		delete(h.ids, id)
	}
}

func (h *holding) has(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, known := h.ids[id]
	return known
}

// bounds gives the lowest and the highest id, "" when none is held.
func (h *holding) bounds() (lowest, highest string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.ids) == 0 {
		return "", ""
	}
	ids := make([]string, 0, len(h.ids))
	for id := range h.ids {
		ids = append(ids, id)
	}
	return slices.MinFunc(ids, CompareIDs), slices.MaxFunc(ids, CompareIDs)
}
