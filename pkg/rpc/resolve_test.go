package rpc

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
)

// names is a directory whose answers the test gives. It counts how often it is asked.
func names(t *testing.T, initial ...string) (directory *manual.Resolver, asked chan struct{}) {
	t.Helper()
	asked = make(chan struct{}, 1)
	directory = manual.NewBuilderWithScheme("mall")
	directory.ResolveNowCallback = func(resolver.ResolveNowOptions) {
		select {
		case asked <- struct{}{}:
		default:
		}
	}
	directory.InitialState(addresses(initial...))
	return directory, asked
}

func addresses(addrs ...string) (state resolver.State) {
	for _, addr := range addrs {
		state.Endpoints = append(state.Endpoints, resolver.Endpoint{Addresses: []resolver.Address{{Addr: addr}}})
	}
	return state
}

func answering(t *testing.T, name string, seen chan<- string) (addr string) {
	t.Helper()
	return startThings(t, ServerConfig{}, func(_ context.Context, _ string, req thing) (thing, error) {
		seen <- name
		return req, nil
	}).addr
}

func TestClient_looks_its_target_up_again_without_a_reason(t *testing.T) {
	seen := make(chan string, 1)
	directory, asked := names(t, answering(t, "a", seen))
	conn := dial(t, "mall:///things", ClientConfig{Options: []grpc.DialOption{grpc.WithResolvers(lookAgain{directory, time.Millisecond})}})
	if _, err := invoke(t.Context(), conn, getThing, newThing("x")); err != nil {
		t.Fatal(err)
	}
	select {
	case <-asked:
	case <-time.After(patience):
		t.Fatal("it did not look again, though nothing was wrong")
	}
}

func TestClient_goes_on_with_what_it_knows_while_a_name_has_no_address(t *testing.T) {
	seen := make(chan string, 1)
	directory, _ := names(t, answering(t, "old", seen))
	conn := dial(t, "mall:///things", ClientConfig{Options: []grpc.DialOption{grpc.WithResolvers(lookAgain{directory, time.Hour})}})
	call := func() string {
		if _, err := invoke(t.Context(), conn, getThing, newThing("x")); err != nil {
			t.Fatal(err)
		}
		return <-seen
	}
	if got := call(); got != "old" {
		t.Fatalf("%s answered", got)
	}
	directory.UpdateState(addresses())
	if got := call(); got != "old" {
		t.Fatalf("%s answered", got)
	}
	directory.UpdateState(addresses(answering(t, "new", seen)))
	deadline := time.Now().Add(patience)
	for call() != "new" {
		if time.Now().After(deadline) {
			t.Fatal("the new address is not called")
		}
	}
}

// An error would be the resolver's reason to look again later each time.
func TestKeepLast_tells_the_client_and_not_the_resolver_that_a_name_has_no_address(t *testing.T) {
	var told []error
	k := keepLast{reports{errs: &told}, new(atomic.Bool)}
	if err := k.UpdateState(addresses()); err != nil {
		t.Errorf("the resolver is told %v", err)
	}
	if len(told) != 1 || !errors.Is(told[0], errNoAddress) {
		t.Errorf("the client is told %v", told)
	}
	if k.failing.Load() {
		t.Error("it counts as a DNS that does not answer")
	}
}

// deaf is a DNS that answers the n-th resolver and those after it; those before get an error once, and then wait for ever.
type deaf struct {
	answers int
	addr    string
	mu      sync.Mutex
	built   int
	closed  chan struct{}
}

// Scheme implements resolver.Builder.
func (*deaf) Scheme() string { return "mall" }

// Build implements resolver.Builder.
func (d *deaf) Build(_ resolver.Target, cc resolver.ClientConn, _ resolver.BuildOptions) (resolver.Resolver, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.built++
	if d.built < d.answers {
		cc.ReportError(errors.New("DNS does not answer"))
		return d, nil
	}
	return d, cc.UpdateState(addresses(d.addr))
}

// ResolveNow implements resolver.Resolver.
func (*deaf) ResolveNow(resolver.ResolveNowOptions) {}

// Close implements resolver.Resolver.
func (d *deaf) Close() { d.closed <- struct{}{} }

func TestClient_does_not_wait_longer_and_longer_for_a_DNS_that_does_not_answer(t *testing.T) {
	seen := make(chan string, 1)
	directory := &deaf{answers: 4, addr: answering(t, "a", seen), closed: make(chan struct{}, 4)}
	conn := dial(t, "mall:///things", ClientConfig{Options: []grpc.DialOption{grpc.WithResolvers(lookAgain{directory, time.Millisecond})}})
	deadline := time.Now().Add(patience)
	for {
		_, err := invoke(t.Context(), conn, getThing, newThing("x"))
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("it has not looked again: %v", err)
		}
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	for range 4 {
		await(t, directory.closed, "the end of a resolver")
	}
	directory.mu.Lock()
	defer directory.mu.Unlock()
	if directory.built != 4 {
		t.Errorf("%d resolvers were made", directory.built)
	}
}

// reports is a client that only hears of errors.
type reports struct {
	resolver.ClientConn
	errs *[]error
}

func (r reports) ReportError(err error) { *r.errs = append(*r.errs, err) }
