package people

import "sync"

// maxIDs are remembered, some 10 MB of them. Beyond, all are forgotten, which costs a query for each who comes again.
const maxIDs = 100_000

// ids is a set that does not grow without bound. The zero one is empty.
type ids struct {
	mu  sync.Mutex
	set map[string]struct{}
}

func (s *ids) has(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.set[id]
	return ok
}

func (s *ids) add(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.set == nil || len(s.set) >= maxIDs {
		s.set = map[string]struct{}{}
	}
	s.set[id] = struct{}{}
}
