package cli

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/services/mallbots/mall"
)

// deadline bounds everything that a test waits for.
const deadline = time.Minute

func execute(ctx context.Context, environ []string, args ...string) (string, error) {
	var out bytes.Buffer
	cmd := New(environ)
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	err := cmd.ExecuteContext(ctx)
	return out.String(), err
}

// tellTale passes on what is written, and says when words come by.
type tellTale struct {
	mu    sync.Mutex
	text  strings.Builder
	words string
	seen  chan struct{}
	once  sync.Once
}

func (w *tellTale) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(p)
	if strings.Contains(w.text.String(), w.words) {
		w.once.Do(func() { close(w.seen) })
	}
	return len(p), nil
}

// openMall runs the command mallbots until stop, and waits until it has told something.
func openMall(t *testing.T, dataDir, words string, settings ...string) (addr string, stop func() string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out := &tellTale{words: words, seen: make(chan struct{})}
	ready := make(chan string, 1)
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, out, mall.Options{
			Environ: append(settings, "MALLBOTS_GRPC_ADDR=127.0.0.1:0", "MALLBOTS_ADMIN_ADDR=127.0.0.1:0", "MALLBOTS_HTTP_ADDR=127.0.0.1:0"),
			DataDir: dataDir,
			OnReady: func(r mall.Ready) { ready <- r.GRPCAddr },
		}, true)
	}()
	select {
	case addr = <-ready:
	case err := <-ended:
		t.Fatalf("the mall did not open: %v", err)
	case <-time.After(deadline):
		t.Fatal("the mall did not open in time")
	}
	select {
	case <-out.seen:
	case <-time.After(deadline):
		t.Fatalf("the stores did not open in time: %s", out.text.String())
	}
	return addr, func() string {
		cancel()
		select {
		case err := <-ended:
			require.NoError(t, err)
		case <-time.After(deadline):
			t.Fatal("the mall did not close in time")
		}
		return out.text.String()
	}
}

func TestTheDemoEndsWithACompletedOrder(t *testing.T) {
	addr, stop := openMall(t, "", "Opened 3 stores")
	out, err := execute(t.Context(), nil, "demo", "--target", addr)
	require.NoError(t, err, out)
	for _, words := range []string{"is registered", "checks out: order ", "pays the invoice of USD", "the order is completed", "completed: 1 × "} {
		require.Contains(t, out, words)
	}
	require.Contains(t, stop(), "The mall is closed.")
}

// The databases are kept, Redis is not: what was relayed and not consumed is sent again.
func TestDataKeptInAFolderOutlivesTheProcess(t *testing.T) {
	dir := t.TempDir()
	addr, stop := openMall(t, dir, "Opened 3 stores")
	ctx, cancel := context.WithCancel(t.Context())
	checkedOut := &tellTale{words: "checks out: order ", seen: make(chan struct{})}
	cmd := New(nil)
	cmd.SetArgs([]string{"demo", "--target", addr})
	cmd.SetOut(checkedOut)
	demo := make(chan error, 1)
	go func() { demo <- cmd.ExecuteContext(ctx) }()
	select {
	case <-checkedOut.seen:
	case err := <-demo:
		t.Fatalf("the demo ended before the checkout: %v", err)
	}
	cancel()
	<-demo
	stop()
	_, rest, _ := strings.Cut(checkedOut.text.String(), "checks out: order ")
	orderID := strings.Fields(rest)[0]

	addr, stop = openMall(t, dir, "The mall is open")
	out, err := execute(t.Context(), nil, "demo", "--target", addr, "--order", orderID)
	require.NoError(t, err, out)
	require.Contains(t, out, "the order is completed")
	stop()
}

func TestTheBenchMeasuresEveryOrder(t *testing.T) {
	addr, stop := openMall(t, "", "Opened 3 stores")
	defer stop()
	out, err := execute(t.Context(), nil, "bench", "--target", addr, "--orders", "12", "--clients", "3")
	require.NoError(t, err, out)
	require.Contains(t, out, "12 orders, 3 clients")
	require.Contains(t, out, "p50")
}

func TestBadFlagsAreNamed(t *testing.T) {
	for _, args := range [][]string{{"bench", "--orders", "0"}, {"bench", "--clients", "0"}, {"bench", "--clients", "1000000"}} {
		_, err := execute(t.Context(), nil, args...)
		require.ErrorContains(t, err, args[1])
	}
}

func TestAMallThatIsNotThereIsTold(t *testing.T) {
	for _, command := range []string{"demo", "bench"} {
		_, err := execute(t.Context(), nil, command, "--target", "127.0.0.1:1")
		require.ErrorContains(t, err, "there is no mall at 127.0.0.1:1")
	}
}

func TestPercentilesAreNearestRanks(t *testing.T) {
	var took []time.Duration
	for i := range 200 {
		took = append(took, time.Duration(i+1))
	}
	for p, want := range map[int]time.Duration{50: 100, 90: 180, 95: 190, 99: 198, 100: 200} {
		require.Equal(t, want, percentile(took, p), "p%d", p)
	}
	require.EqualValues(t, 7, percentile([]time.Duration{7}, 50))
	require.EqualValues(t, 7, percentile([]time.Duration{7}, 0))
}

func TestTheReportSumsUp(t *testing.T) {
	var out bytes.Buffer
	report(&out, 2, []time.Duration{3 * time.Millisecond, time.Millisecond}, 2*time.Second)
	require.Equal(t, "2 orders, 2 clients, 2.0 s, 1.0 orders/s\n"+
		"checkout to approved:  p50 1.0 ms  p90 3.0 ms  p95 3.0 ms  p99 3.0 ms  p100 3.0 ms\n", out.String())
}
