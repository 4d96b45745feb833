package rpc

import (
	"errors"
	"sync"
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
	inner, err := b.Builder.Build(target, keepLast{cc}, opts)
	if err != nil {
		return nil, err
	}
	r := &looking{Resolver: inner, ended: make(chan struct{})}
	go r.run(b.interval)
	return r, nil
}

type looking struct {
	resolver.Resolver
	ended chan struct{}
}

func (r *looking) run(interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-r.ended:
			return
		case <-ticker.C:
			r.ResolveNow(resolver.ResolveNowOptions{})
		}
	}
}

// Close implements resolver.Resolver.
func (r *looking) Close() {
	close(r.ended)
	r.Resolver.Close()
}

// keepLast goes on with the addresses of before while a name has none: the only replica of a service that is told to end leaves DNS at
// once, and serves on until its successor is ready. It hides from the resolver that this is an error, after which that would look again
// later and later, up to two minutes, and at no lookInterval: a service that comes back would stay away for those who had looked often.
type keepLast struct{ resolver.ClientConn }

// UpdateState implements resolver.ClientConn.
func (k keepLast) UpdateState(state resolver.State) error {
	if len(state.Addresses) == 0 && len(state.Endpoints) == 0 {
		k.ReportError(errNoAddress)
		return nil
	}
	return k.ClientConn.UpdateState(state)
}
