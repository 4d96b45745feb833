package redisstream

import (
	"slices"
	"sync"
)

// holding is the set of entries that this consumer has read and not yet acknowledged in Redis, nor given up.
type holding struct {
	mu    sync.Mutex
	ids   map[string]struct{}
	freed map[string]struct{} // removed since the reader listed pending entries; nil when it does not
}

func newHolding() *holding { return &holding{ids: map[string]struct{}{}} }

// listing remembers what is removed while the reader lists pending entries, until done is called: an entry that is acknowledged between
// Redis' answer and its arrival is still in the list, and must not be taken for one to deliver.
func (h *holding) listing() (done func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.freed = map[string]struct{}{}
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.freed = nil
	}
}

// add gives false when id is held already, or was until a moment ago.
func (h *holding) add(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, known := h.ids[id]; known {
		return false
	}
	if _, known := h.freed[id]; known {
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
		if h.freed != nil {
			h.freed[id] = struct{}{}
		}
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
