//go:build processes

package processes_test

import (
	"context"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/features/account"
	"mallbots.example/features/processes"
)

// patience is how long an order may take whose services are being killed: claims of a dead consumer's messages, deadlines of steps.
const patience = 2 * time.Minute

func start(t *testing.T) *processes.Mall {
	return processes.Start(t, os.Getenv("TEST_POSTGRES_URL"), os.Getenv("TEST_REDIS_URL"))
}

// The features run in a process of their own, too: against the gateway, as they would against any mall.
func TestTheFeaturesPassAgainstSeparateProcesses(t *testing.T) {
	mall := start(t)
	cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "mallbots.example/features")
	cmd.Env = append(os.Environ(), "MALLBOTS_TARGET="+mall.Conn("gateway").Target())
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	require.NoError(t, err)
}

// Each service is killed and started again while orders are placed. Each order comes to one end, and its account balances: see package account.
func TestEveryOrderEndsWhicheverProcessIsKilled(t *testing.T) {
	mall := start(t)
	load, err := account.New(account.Config{
		Target: mall.Conn("gateway").Target(), Rate: 5, Clients: 200, Patience: patience, Seed: 1, Tell: func(line string) { t.Log(line) },
	})
	require.NoError(t, err)
	defer load.Close()
	selling, closeShop := context.WithCancel(t.Context())
	var result *account.Result
	var customers sync.WaitGroup
	customers.Go(func() { result, err = load.Run(selling) })
	defer customers.Wait()
	defer closeShop()

	for _, victim := range []string{"ordering", "cosec", "stores", "customers", "depot", "payments", "baskets", "bots", "gateway", "notifications", "search"} {
		before := load.Placed()
		require.Eventually(t, func() bool { return load.Placed() >= before+3 }, patience, 10*time.Millisecond, "orders under way")
		mall.Kill(victim)
		mall.AwaitReady(victim)
	}
	closeShop()
	customers.Wait()

	require.NoError(t, err)
	require.NoError(t, result.Write(t.Output()))
	require.True(t, result.Clean())
	// A service that stays away for long makes a saga give up; here each comes back within seconds.
	require.Equal(t, map[string]int{"OUT_OF_STOCK": result.Orders.Rejected}, result.RejectReasons)
	require.Positive(t, result.Orders.Completed)
}
