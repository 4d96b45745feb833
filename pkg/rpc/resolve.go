package rpc

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/dns"
)

const (
	// lookInterval is how late a client learns that a name has other addresses: replicas that came take calls, and those that leave get no
	// more. gRPC's own resolver looks again only when a connection breaks, so that new replicas of a steady service would stay idle.
	lookInterval = 5 * time.Second
	// minLookInterval is how soon gRPC may ask DNS again. Its 30 s would leave a client whose one server was replaced without any.
	minLookInterval = time.Second
)

// errNoAddress is what a name that has no address at the moment gives: a service none of whose replicas is ready.
var errNoAddress = errors.New("rpc: the name has no address now")

// setMinLookInterval is to be done before the first client is made.
var setMinLookInterval = sync.OnceFunc(func() { dns.SetMinResolutionInterval(minLookInterval) })

// lookingAgain makes a client look its target up by DNS every lookInterval.
func lookingAgain() grpc.DialOption {
	setMinLookInterval()
	return grpc.WithResolvers(lookAgain{resolver.Get("dns"), lookInterval})
}

// lookAgain builds resolvers that look at every interval.
type lookAgain struct {
	resolver.Builder
	interval time.Duration
}

// Build implements resolver.Builder.
func (b lookAgain) Build(target resolver.Target, cc resolver.ClientConn, opts resolver.BuildOptions) (resolver.Resolver, error) {
	r := &looking{ended: make(chan struct{})}
	r.build = func() (resolver.Resolver, error) { return b.Builder.Build(target, keepLast{cc, &r.failing}, opts) }
	var err error
	if r.inner, err = r.build(); err != nil {
		return nil, err
	}
	go r.run(b.interval)
	return r, nil
}

// looking has its inner resolver look at every interval.
type looking struct {
	build   func() (resolver.Resolver, error)
	failing atomic.Bool // the last look was an error: DNS did not answer
	ended   chan struct{}

	mu     sync.Mutex
	inner  resolver.Resolver
	closed bool
}

func (r *looking) run(interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-r.ended:
			return
		case <-ticker.C:
			if r.failing.Swap(false) {
				r.renew()
			} else {
				r.ResolveNow(resolver.ResolveNowOptions{})
			}
		}
	}
}

// renew takes another resolver, which looks at once: one that has met errors waits longer after each, up to two minutes, whoever asks.
func (r *looking) renew() {
	fresh, err := r.build()
	if err != nil {
		return // the target was good before; the old one goes on
	}
	r.mu.Lock()
	old := r.inner
	if r.closed {
		old = fresh
	} else {
		r.inner = fresh
	}
	r.mu.Unlock()
	old.Close()
}

// ResolveNow implements resolver.Resolver.
func (r *looking) ResolveNow(opts resolver.ResolveNowOptions) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.inner.ResolveNow(opts)
	}
}

// Close implements resolver.Resolver.
func (r *looking) Close() {
	close(r.ended)
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.inner.Close()
}

// keepLast goes on with the addresses of before while a name has none: the only replica of a service that is told to end leaves DNS at
// once, and serves on until its successor is ready. To the resolver this is no error, after which it would wait longer each time.
type keepLast struct {
	resolver.ClientConn
	failing *atomic.Bool
}

// UpdateState implements resolver.ClientConn.
func (k keepLast) UpdateState(state resolver.State) error {
	if len(state.Addresses) == 0 && len(state.Endpoints) == 0 {
		k.ClientConn.ReportError(errNoAddress)
		return nil
	}
	return k.ClientConn.UpdateState(state)
}

// ReportError implements resolver.ClientConn.
func (k keepLast) ReportError(err error) {
	k.failing.Store(true)
	k.ClientConn.ReportError(err)
}
