package rpc

import (
	"context"
	"errors"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestDeadline(t *testing.T) {
	type result struct {
		left time.Duration
		ok   bool
	}
	for _, c := range []struct {
		name          string
		call, preset  time.Duration
		atLeast, most time.Duration
	}{
		{"the preset where the caller has none", 0, time.Minute, 50 * time.Second, time.Minute},
		{"the caller's, shaved", time.Minute, time.Second, 50 * time.Second, time.Minute - shave},
	} {
		t.Run(c.name, func(t *testing.T) {
			seen := make(chan result, 1)
			server := startThings(t, ServerConfig{DefaultTimeout: c.preset}, func(ctx context.Context, _ string, req thing) (thing, error) {
				deadline, ok := ctx.Deadline()
				seen <- result{time.Until(deadline), ok}
				return req, nil
			})
			// A connection without the client builder, which sets a deadline of its own.
			conn, err := grpc.NewClient(server.addr, insecureForTest)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			ctx := context.Background()
			if c.call > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, c.call)
				defer cancel()
			}
			if _, err := invoke(ctx, conn, getThing, newThing("x")); err != nil {
				t.Fatal(err)
			}
			if got := <-seen; !got.ok || got.left < c.atLeast || got.left > c.most {
				t.Errorf("%v left", got)
			}
		})
	}
}

func TestDeadline_shaves_at_most_a_tenth_and_refuses_what_is_over(t *testing.T) {
	d := deadlines{time.Second}
	short, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	ctx, cancel := d.limit(short, true)
	defer cancel()
	before, _ := short.Deadline()
	after, _ := ctx.Deadline()
	if cut := before.Sub(after); cut < 0 || cut > 5*time.Millisecond {
		t.Errorf("cut by %v", cut)
	}
	over, cancel := context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer cancel()
	_, err := d.unary(over, nil, &grpc.UnaryServerInfo{}, func(context.Context, any) (any, error) {
		t.Error("the handler was called")
		return nil, nil
	})
	if status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("got %v", err)
	}
	if ctx, cancel := d.limit(context.Background(), false); ctx.Done() != nil {
		cancel()
		t.Error("a stream got a deadline")
	}
}

func TestDeadline_that_passes_in_the_handler_is_told_as_such(t *testing.T) {
	server := startThings(t, ServerConfig{DefaultTimeout: time.Millisecond}, func(ctx context.Context, _ string, _ thing) (thing, error) {
		<-ctx.Done()
		return thing{}, errors.New("interrupted (9)")
	})
	conn, err := grpc.NewClient(server.addr, insecureForTest)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := invoke(context.Background(), conn, getThing, newThing("x")); Reason(err) != ReasonDeadline {
		t.Errorf("got %v", err)
	}
}
