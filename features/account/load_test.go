package account

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	storesv1 "mallbots.example/api/mallbots/stores/v1"
	"mallbots.example/services/mallbots/mall"
)

func embedded(t *testing.T, settings ...string) (addr string) {
	t.Helper()
	addr, stop, err := mall.Embedded(context.WithoutCancel(t.Context()), settings, func(level slog.Level) *slog.Logger {
		return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: level}))
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stop()) })
	return addr
}

func newLoad(t *testing.T, cfg Config) *Load {
	t.Helper()
	cfg.Tell = func(line string) { t.Log(line) }
	l, err := New(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func TestTheAccountOfAMallIsClean(t *testing.T) {
	t.Parallel()
	l := newLoad(t, Config{
		Target: embedded(t, "MALLBOTS_BOTS_WORK=20ms"), Rate: 20, Orders: 60, Clients: 20, Patience: time.Minute, Seed: 1, Strict: true,
	})

	r, err := l.Run(t.Context())
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, r.Write(&out))

	require.True(t, r.Clean(), "%s", &out)
	require.Equal(t, 60, r.Orders.Placed)
	require.Equal(t, 60, r.Orders.Completed+r.Orders.Rejected+r.Orders.Canceled)
	require.Positive(t, r.Orders.Completed)
	require.Equal(t, map[string]int{"OUT_OF_STOCK": r.Orders.Rejected}, r.RejectReasons)
	require.Positive(t, r.Orders.Rejected)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Equal(t, "verdict: clean", lines[len(lines)-2])
	var read Result
	require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &read))
	require.Equal(t, r.Orders, read.Orders)
	require.Equal(t, r.Latency, read.Latency)
}

func TestWhoIsInsideWhenItStopsIsServed(t *testing.T) {
	t.Parallel()
	l := newLoad(t, Config{Target: embedded(t), Rate: 50, Clients: 50, Patience: time.Minute, Seed: 2})

	r := l.runUntil(t, 5)

	require.True(t, r.Clean(), "%+v", r)
	require.Equal(t, r.Orders.Customers, r.Orders.Completed+r.Orders.Rejected+r.Orders.Canceled)
}

// A negative control: what disappears from the shelf is missed.
func TestAPieceThatIsStolenIsMissed(t *testing.T) {
	t.Parallel()
	l := newLoad(t, Config{
		Target: embedded(t, "MALLBOTS_BOTS_WORK=20ms"), Rate: 100, Orders: 3, Clients: 3, Patience: time.Minute, Seed: 1,
	})
	r, err := l.Run(t.Context())
	require.NoError(t, err)
	require.True(t, r.Clean(), "%+v", r)

	stolen := l.shop.products[0].GetId()
	_, err = l.stores.AdjustStock(t.Context(), &storesv1.AdjustStockRequest{ProductId: stolen, Delta: -1})
	require.NoError(t, err)
	l.cfg.Patience = 0 // one look
	r = l.settle(t.Context())
	l.finish(r)
	var out bytes.Buffer
	require.NoError(t, r.Write(&out))

	require.False(t, r.Clean())
	require.Len(t, r.Stock, 1)
	require.Empty(t, r.Broken)
	require.Contains(t, out.String(), "broken: stock: Tinker No. 1 ("+stolen+"): 9999")
	require.Contains(t, out.String(), "\nverdict: broken\n")
}

// Another: without robots no order is ready, and the account says so when patience ends.
func TestOrdersThatNobodyCollectsAreStuck(t *testing.T) {
	t.Parallel()
	l := newLoad(t, Config{Target: embedded(t, "MALLBOTS_BOTS_COUNT=0"), Rate: 20, Clients: 50, Patience: time.Second, Seed: 3})
	l.calls.patience = time.Minute

	r := l.runUntil(t, 5)

	require.False(t, r.Clean())
	require.Positive(t, r.Orders.Stuck)
	require.True(t, slices.ContainsFunc(r.Broken, func(b Broken) bool { return b.Breaches[0].Kind == Stuck }), "%v", r.Broken)
}

// runUntil runs a load that is told to stop when so many orders are placed.
func (l *Load) runUntil(t *testing.T, placed int) *Result {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan *Result, 1)
	go func() {
		r, err := l.Run(ctx)
		assert.NoError(t, err)
		ended <- r
	}()
	require.Eventually(t, func() bool { return l.Placed() >= placed }, time.Minute, time.Millisecond)
	stop()
	return <-ended
}

func TestWhoFindsTheMallFullGoesAway(t *testing.T) {
	t.Parallel()
	l := newLoad(t, Config{
		Target: embedded(t, "MALLBOTS_BOTS_COUNT=0"), Rate: 200, Duration: time.Second, Clients: 1, Patience: 100 * time.Millisecond, Seed: 4,
	})

	r, err := l.Run(t.Context())

	require.NoError(t, err)
	require.Positive(t, r.Orders.HeldBack)
}

func TestTheSameSeedMakesTheSameCustomers(t *testing.T) {
	l := &Load{shop: shop{scarce: &storesv1.Product{Id: "scarce"}}}
	for _, id := range []string{"a", "b", "c", "d"} {
		l.shop.products = append(l.shop.products, &storesv1.Product{Id: id})
	}
	customers := func(seed uint64) (plans []plan) {
		random := rand.New(rand.NewPCG(seed, 0))
		for range 1000 {
			plans = append(plans, l.plan(random))
		}
		return plans
	}
	require.Equal(t, customers(7), customers(7))
	require.NotEqual(t, customers(7), customers(8))
	cancel, greedy := 0, 0
	for _, p := range customers(7) {
		if p.cancels {
			cancel++
		}
		for _, line := range p.lines {
			if line.productID == "scarce" {
				require.EqualValues(t, few+1, line.pieces)
				greedy++
			}
		}
	}
	require.InDelta(t, 10*cancelShare, cancel, 50)
	require.InDelta(t, 10*greedyShare, greedy, 50)
}

func TestWhatCannotWorkIsNamed(t *testing.T) {
	good := Config{Target: "127.0.0.1:1", Rate: 1, Clients: 1, Patience: time.Second}
	require.NoError(t, good.Validate())
	for says, change := range map[string]func(c *Config){
		"MALLBOTS_LOAD_RATE":                       func(c *Config) { c.Rate = 0 },
		"from 0.001 to 1000 orders per second":     func(c *Config) { c.Rate = MaxRate + 1 },
		"(MALLBOTS_LOAD_RATE) must be from 0.001":  func(c *Config) { c.Rate = math.NaN() },
		"MALLBOTS_LOAD_DURATION":                   func(c *Config) { c.Duration = -1 },
		"MALLBOTS_LOAD_CLIENTS":                    func(c *Config) { c.Clients = 0 },
		"MALLBOTS_LOAD_CLIENTS) must be from 1 to": func(c *Config) { c.Clients = MaxClients + 1 },
		"MALLBOTS_LOAD_ORDERS":                     func(c *Config) { c.Orders = MaxOrders + 1 },
		"MALLBOTS_LOAD_PATIENCE":                   func(c *Config) { c.Patience = 0 },
	} {
		cfg := good
		change(&cfg)
		_, err := New(cfg)
		require.ErrorContains(t, err, says)
	}
}

// A third: a mall that is gone can't be asked, and the account does not wait for each of its customers in turn.
func TestAMallThatIsGoneLeavesTheAccountUnread(t *testing.T) {
	t.Parallel()
	l := newLoad(t, Config{Target: "127.0.0.1:1", Rate: 1, Clients: 1, Patience: 100 * time.Millisecond})
	for range 1000 {
		record := promised
		l.records = append(l.records, &record)
	}
	l.shop = shop{scarce: &storesv1.Product{Id: "scarce"}}

	r := l.settle(t.Context())

	require.False(t, r.Clean())
	require.Equal(t, 1000, r.Orders.Unread)
	require.Len(t, r.Broken, maxBroken)
	require.Equal(t, Unread, r.Stock[0].Kind)
}
