package account

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	"google.golang.org/grpc"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	"mallbots.example/pkg/id"
)

const (
	// MaxOrders bounds the account: an order takes up to 1 KiB until everything is settled, 100 MiB in all, and five calls to be settled.
	MaxOrders = 100_000
	// MaxRate is per second, and beyond what one program can place without measuring itself.
	MaxRate = 1000
	// minRate is an order a quarter of an hour: less is no load.
	minRate = 0.001
	// MaxClients has the same reason: a customer inside costs a stream and some 20 KiB.
	MaxClients = 2000
	// maxPieces is how many a customer takes of one product, at most.
	maxPieces = 3
	// glimpse is how long one stream is watched: one that hangs without a word costs this much.
	glimpse = 30 * time.Second
	// cancelShare and greedyShare of a hundred customers cancel their order, or want what is out of stock.
	cancelShare, greedyShare = 10, 10
	// tellEvery is how often the progress is told.
	tellEvery = 10 * time.Second
)

// Config says how to shop. Target must be set; Rate, Clients and Patience must be positive.
type Config struct {
	// Target is the mall or gateway, host:port.
	Target string
	// Rate is how many customers come in a second.
	Rate float64
	// Duration is how long they come; 0: until the context ends.
	Duration time.Duration
	// Clients is how many may be in the mall at once. Who finds it full goes away and is counted.
	Clients int
	// Orders is how many may come in all; 0: MaxOrders.
	Orders int
	// Patience is how long a call is tried again, and how long orders may take to come to an end after the last was placed.
	Patience time.Duration
	// Seed says what customers want: the same seed, the same customers.
	Seed uint64
	// Strict makes every failed call break the verdict.
	Strict bool
	// Tell, if not nil, is told how it goes, in lines.
	Tell func(line string)
}

// Validate names the first field that can't work, with the setting of cmd/load that it comes from.
func (c *Config) Validate() error {
	switch {
	case !(c.Rate >= minRate && c.Rate <= MaxRate): // what is not a number, too
		return fmt.Errorf("the rate (MALLBOTS_LOAD_RATE) must be from %g to %d orders per second", minRate, MaxRate)
	case c.Duration < 0:
		return errors.New("the duration (MALLBOTS_LOAD_DURATION) must not be negative")
	case c.Clients < 1 || c.Clients > MaxClients:
		return fmt.Errorf("the clients (MALLBOTS_LOAD_CLIENTS) must be from 1 to %d", MaxClients)
	case c.Orders < 0 || c.Orders > MaxOrders:
		return fmt.Errorf("the orders (MALLBOTS_LOAD_ORDERS) must be at most %d", MaxOrders)
	case c.Patience <= 0:
		return errors.New("the patience (MALLBOTS_LOAD_PATIENCE) must be positive")
	}
	return nil
}

// Load is one run: orders that are placed steadily, and their account.
type Load struct {
	cfg Config
	clients
	calls    *calls
	count    *counts
	conn     *grpc.ClientConn
	shop     shop
	progress progress
	records  []*Record
}

// progress is how far the orders are.
type progress struct {
	placed, unanswered, heldBack, inside atomic.Int64
	completed, rejected, canceled        atomic.Int64
}

func (p *progress) end(status orderingv1.OrderStatus) {
	switch status {
	case completed:
		p.completed.Add(1)
	case rejected:
		p.rejected.Add(1)
	case canceled:
		p.canceled.Add(1)
	default: // the customer could wait no longer
	}
}

// New prepares a run. Close it.
func New(cfg Config) (*Load, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Orders == 0 {
		cfg.Orders = MaxOrders
	}
	count := newCounts()
	conn, err := dial(cfg.Target, count)
	if err != nil {
		return nil, err
	}
	return &Load{cfg: cfg, clients: newClients(conn), calls: &calls{patience: cfg.Patience, count: count}, count: count, conn: conn}, nil
}

// Conn is the connection to the mall.
func (l *Load) Conn() grpc.ClientConnInterface { return l.conn }

// Close hangs up.
func (l *Load) Close() error { return l.conn.Close() }

// Placed is how many checkouts have been answered OK so far.
func (l *Load) Placed() int { return int(l.progress.placed.Load()) }

// Run opens a shop and lets customers come until the duration or ctx ends. Then it waits until all orders are final, settles the account
// and closes the shop. The error is about a shop that could not be opened; how the account stands is for the result to say.
func (l *Load) Run(ctx context.Context) (*Result, error) {
	started := time.Now()
	if err := l.open(ctx); err != nil {
		return nil, fmt.Errorf("opening the shop: %w", err)
	}
	l.tell("the shop is open, seed %d", l.cfg.Seed)
	working, cancel := context.WithCancel(context.WithoutCancel(ctx)) // what has begun is finished
	defer cancel()
	inside := l.admit(ctx, working)
	l.tell("nobody comes any more: %s", &l.progress)
	lastCall := time.AfterFunc(l.cfg.Patience, cancel)
	inside.Wait()
	lastCall.Stop()
	l.tell("settling the account of %d customers", len(l.records))
	result := l.settle(context.WithoutCancel(ctx))
	l.close(context.WithoutCancel(ctx))
	result.Seconds = time.Since(started).Seconds()
	l.finish(result)
	return result, nil
}

// admit lets customers in at the rate, until ctx or the duration ends.
func (l *Load) admit(ctx, working context.Context) *sync.WaitGroup {
	if l.cfg.Duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, l.cfg.Duration)
		defer cancel()
	}
	inside := &sync.WaitGroup{}
	random := rand.New(rand.NewPCG(l.cfg.Seed, 0)) //nolint:gosec // to be repeated
	slots := make(chan struct{}, l.cfg.Clients)
	next := time.NewTicker(time.Duration(float64(time.Second) / l.cfg.Rate))
	defer next.Stop()
	telling := time.NewTicker(tellEvery)
	defer telling.Stop()
	for len(l.records) < l.cfg.Orders {
		select {
		case <-ctx.Done():
			return inside
		case <-telling.C:
			l.tell("%s", &l.progress)
			continue
		case <-next.C:
		}
		select {
		case slots <- struct{}{}:
		default:
			l.progress.heldBack.Add(1)
			continue
		}
		c := &customer{Load: l, plan: l.plan(random), record: &Record{}}
		l.records = append(l.records, c.record)
		l.progress.inside.Add(1)
		inside.Go(func() {
			defer func() { l.progress.inside.Add(-1); <-slots }()
			c.shop(working)
		})
	}
	return inside
}

// plan is what the next customer means to do: most buy one to four products; some cancel, and some want more than there is.
func (l *Load) plan(random *rand.Rand) plan {
	var p plan
	for _, i := range random.Perm(len(l.shop.products))[:1+random.IntN(len(l.shop.products))] {
		p.lines = append(p.lines, line{productID: l.shop.products[i].GetId(), pieces: 1 + random.Int32N(maxPieces)})
	}
	switch dice := random.IntN(100); {
	case dice < cancelShare:
		p.cancels = true
	case dice < cancelShare+greedyShare:
		p.lines = append(p.lines, line{productID: l.shop.scarce.GetId(), pieces: few + 1})
	}
	return p
}

// String implements fmt.Stringer.
func (p *progress) String() string {
	return fmt.Sprintf("%d placed, %d completed, %d rejected, %d canceled, %d customers inside, %d held back",
		p.placed.Load(), p.completed.Load(), p.rejected.Load(), p.canceled.Load(), p.inside.Load(), p.heldBack.Load())
}

func (l *Load) tell(format string, args ...any) {
	if l.cfg.Tell != nil {
		l.cfg.Tell(fmt.Sprintf(format, args...))
	}
}

// requestID is that of one request, which keeps it however often it is made.
func (l *Load) requestID() *string {
	requestID := id.UUIDv7()
	return &requestID
}

func newPause() *backoff.ExponentialBackOff {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = firstPause, longestPause
	return pause
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
