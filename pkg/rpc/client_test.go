package rpc

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoregistry"
)

func TestClient_retries_reads_and_nothing_else(t *testing.T) {
	for _, c := range []struct {
		method string
		config ClientConfig
		calls  int32
		code   codes.Code
	}{
		{getThing, ClientConfig{}, 3, codes.OK},
		{createThing, ClientConfig{}, 1, codes.Unavailable},
		{createThing, ClientConfig{RetryMethods: []string{createThing, createThing, getThing}}, 3, codes.OK},
	} {
		t.Run(fmt.Sprintf("%s %v", c.method, c.config.RetryMethods), func(t *testing.T) {
			var calls atomic.Int32
			server := startThings(t, ServerConfig{}, func(_ context.Context, _ string, req thing) (thing, error) {
				if calls.Add(1) < 3 {
					return thing{}, ErrUnavailable
				}
				return req, nil
			})
			_, err := invoke(t.Context(), dial(t, server.addr, c.config), c.method, newThing("x"))
			if status.Code(err) != c.code || calls.Load() != c.calls {
				t.Errorf("%d calls, then %v; want %d, then %v", calls.Load(), err, c.calls, c.code)
			}
		})
	}
}

func TestClient_does_not_retry_answers(t *testing.T) {
	var calls atomic.Int32
	server := startThings(t, ServerConfig{}, func(context.Context, string, thing) (thing, error) {
		calls.Add(1)
		return thing{}, errors.New("a bug")
	})
	if _, err := invoke(t.Context(), dial(t, server.addr, ClientConfig{}), getThing, newThing("x")); status.Code(err) != codes.Internal || calls.Load() != 1 {
		t.Errorf("%d calls, then %v", calls.Load(), err)
	}
}

func TestReads(t *testing.T) {
	for name, want := range map[string]bool{
		"Get": true, "GetOrder": true, "ListOrders": true, "SearchOrders": true, "WatchOrder": true,
		"Getaway": false, "Listen": false, "Watcher": false, "CreateOrder": false, "Forget": false, "": false,
	} {
		if got := reads(name); got != want {
			t.Errorf("reads(%q) = %t", name, got)
		}
	}
}

func TestServiceConfig_names_the_reads_of_every_contract_of_the_mall(t *testing.T) {
	names := retryable(protoregistry.GlobalFiles, nil)
	for method, want := range map[string]bool{"GetThing": true, "WatchThing": true, "CreateThing": false} {
		if slices.Contains(names, methodNameJSON{"mallbots.rpctest.v1.ThingService", method}) != want {
			t.Errorf("%s: want %t in %v", method, want, names)
		}
	}
	for _, n := range names {
		if !strings.HasPrefix(n.Service, "mallbots.") {
			t.Errorf("%v is not ours", n)
		}
	}
}

func TestClient_takes_turns_over_all_addresses(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]int{}
	serve := func(name string) resolver.Address {
		r := startThings(t, ServerConfig{}, func(_ context.Context, _ string, req thing) (thing, error) {
			mu.Lock()
			defer mu.Unlock()
			seen[name]++
			return req, nil
		})
		return resolver.Address{Addr: r.addr}
	}
	builder := manual.NewBuilderWithScheme("mall")
	builder.InitialState(resolver.State{Addresses: []resolver.Address{serve("a"), serve("b")}})
	conn := dial(t, "mall:///things", ClientConfig{Options: []grpc.DialOption{grpc.WithResolvers(builder)}})
	// The second connection may come up after the first calls: call until both have answered, then count.
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for both := false; !both; {
		if _, err := invoke(ctx, conn, getThing, newThing("x")); err != nil {
			t.Fatal(err)
		}
		mu.Lock()
		both = seen["a"] > 0 && seen["b"] > 0
		mu.Unlock()
	}
	clear(seen)
	for range 10 {
		if _, err := invoke(ctx, conn, getThing, newThing("x")); err != nil {
			t.Fatal(err)
		}
	}
	if seen["a"] != 5 || seen["b"] != 5 {
		t.Errorf("%v", seen)
	}
}

func TestClient_sets_a_deadline_where_there_is_none(t *testing.T) {
	conn := dial(t, "127.0.0.1:1", ClientConfig{DefaultTimeout: time.Minute, Options: []grpc.DialOption{
		grpc.WithChainUnaryInterceptor(func(ctx context.Context, _ string, _, _ any, _ *grpc.ClientConn, _ grpc.UnaryInvoker, _ ...grpc.CallOption) error {
			deadline, ok := ctx.Deadline()
			return fmt.Errorf("%t %t", ok, time.Until(deadline) > 30*time.Second)
		}),
	}})
	client := testpb.NewTestServiceClient(conn)
	if _, err := client.UnaryCall(t.Context(), &testpb.SimpleRequest{}); err.Error() != "true true" {
		t.Errorf("no deadline: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if _, err := client.UnaryCall(ctx, &testpb.SimpleRequest{}); err.Error() != "true false" {
		t.Errorf("the caller's deadline: %v", err)
	}
}

func TestDial_looks_names_up_by_dns_unless_a_scheme_says_otherwise(t *testing.T) {
	for target, want := range map[string]string{
		"ordering:9000": "dns:///ordering:9000", "127.0.0.1:9000": "dns:///127.0.0.1:9000", "[::1]:9000": "dns:///[::1]:9000",
		"dns:///ordering:9000": "dns:///ordering:9000", "unix:/run/mall.sock": "unix:/run/mall.sock", "passthrough:///x": "passthrough:///x",
	} {
		if got := dial(t, target, ClientConfig{}).Target(); got != want {
			t.Errorf("%s becomes %s, want %s", target, got, want)
		}
	}
}

func TestDial_names_the_setting_that_is_wrong(t *testing.T) {
	for want, dialBadly := range map[string]func() (*grpc.ClientConn, error){
		"target":         func() (*grpc.ClientConn, error) { return Dial("", ClientConfig{}) },
		"DefaultTimeout": func() (*grpc.ClientConn, error) { return Dial("x:1", ClientConfig{DefaultTimeout: -1}) },
		"RetryMethods":   func() (*grpc.ClientConn, error) { return Dial("x:1", ClientConfig{RetryMethods: []string{"Get"}}) },
	} {
		if _, err := dialBadly(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error about %s, got %v", want, err)
		}
	}
}

func TestPool_shares_one_connection_a_target(t *testing.T) {
	pool := NewPool(ClientConfig{})
	conns := make(chan grpc.ClientConnInterface, 10)
	var wg sync.WaitGroup
	for range cap(conns) {
		wg.Go(func() {
			conn, err := pool.Conn("ordering:9000")
			if err != nil {
				t.Error(err)
			}
			conns <- conn
		})
	}
	wg.Wait()
	close(conns)
	first := <-conns
	for conn := range conns {
		if conn != first {
			t.Fatal("two connections to one target")
		}
	}
	if other, err := pool.Conn("depot:9000"); err != nil || other == first {
		t.Errorf("another target: %v", err)
	}
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
	if err := pool.Close(); err != nil {
		t.Errorf("the second Close: %v", err)
	}
	if _, err := pool.Conn("ordering:9000"); !errors.Is(err, ErrPoolClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestPool_is_bounded(t *testing.T) {
	pool := NewPool(ClientConfig{})
	defer func() { _ = pool.Close() }()
	for i := range maxTargets {
		if _, err := pool.Conn(fmt.Sprintf("host-%d:9000", i)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := pool.Conn("one-more:9000"); err == nil {
		t.Error("one more target was accepted")
	}
}
