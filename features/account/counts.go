package account

import (
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
)

// calls makes calls until they are answered, and counts.
type calls struct {
	patience time.Duration
	count    *counts
}

// Method counts the calls of one RPC, as whoever calls the client sees them. The client tries on its own what a server that goes away
// never began, and what came back UNAVAILABLE, up to four times in half a second (see pkg/rpc): what it so hides is in Attempts only.
type Method struct {
	Method string `json:"method"`
	// Calls were to be made; Retried says how often one was made again because it failed.
	Calls   int `json:"calls"`
	Retried int `json:"retried"`
	// Failed counts, by code, the calls that ended in an error that is not an answer of the business.
	Failed map[string]int `json:"failed,omitempty"`
	// Attempts counts, by code, what failed on the wire, the client's own repeats included.
	Attempts map[string]int `json:"attempts_failed,omitempty"`
}

// counts are safe for use by many customers.
type counts struct {
	mu      sync.Mutex
	methods map[string]*Method
	breaks  map[string]int // of streams, by code
	took    []time.Duration
}

func newCounts() *counts { return &counts{methods: map[string]*Method{}, breaks: map[string]int{}} }

// change changes the counts of a method.
func (c *counts) change(method string, do func(m *Method)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.methods[method]
	if m == nil {
		m = &Method{Method: method, Failed: map[string]int{}, Attempts: map[string]int{}}
		c.methods[method] = m
	}
	do(m)
}

func (c *counts) called(method string)  { c.change(method, func(m *Method) { m.Calls++ }) }
func (c *counts) retried(method string) { c.change(method, func(m *Method) { m.Retried++ }) }

func (c *counts) failed(method string, code codes.Code) {
	c.change(method, func(m *Method) { m.Failed[code.String()]++ })
}

func (c *counts) attempt(method string, code codes.Code) {
	c.change(method, func(m *Method) { m.Attempts[code.String()]++ })
}

func (c *counts) broke(code codes.Code) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.breaks[code.String()]++
}

func (c *counts) approved(took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.took = append(c.took, took)
}

// failures is how many calls failed.
func (c *counts) failures() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, m := range c.methods {
		for _, failed := range m.Failed {
			n += failed
		}
	}
	return n
}

// percentile is the least value that p percent of the sorted values do not exceed (nearest rank); 0 of none.
func percentile(sorted []time.Duration, p int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[max((p*len(sorted)+99)/100, 1)-1]
}

// latency is that from checkout to approved.
func (c *counts) latency() Latency {
	c.mu.Lock()
	defer c.mu.Unlock()
	slices.Sort(c.took)
	ms := func(p int) float64 { return float64(percentile(c.took, p).Microseconds()) / 1000 }
	return Latency{Orders: len(c.took), P50: ms(50), P99: ms(99), Max: ms(100)}
}
