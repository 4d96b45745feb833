package requestid_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	customersv1 "mallbots.example/api/mallbots/customers/v1"
	"mallbots.example/pkg/rpc"
	"mallbots.example/services/mallbots/mall"
)

// run runs the mall, as it is started in production, with its data in dir, while use has a client.
func run(t *testing.T, dir string, use func(c customersv1.CustomersServiceClient)) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- mall.Run(ctx, mall.Options{
			Environ: []string{"MALLBOTS_GRPC_ADDR=127.0.0.1:0", "MALLBOTS_ADMIN_ADDR=127.0.0.1:0", "MALLBOTS_BOTS_COUNT=0"},
			DataDir: dir, OnReady: func(r mall.Ready) { ready <- r.GRPCAddr },
		})
	}()
	select {
	case addr := <-ready:
		conn, err := rpc.Dial(addr, rpc.ClientConfig{})
		require.NoError(t, err)
		use(customersv1.NewCustomersServiceClient(conn))
		require.NoError(t, conn.Close())
	case err := <-ended:
		t.Fatalf("it did not start: %v", err)
	case <-time.After(30 * time.Second):
		t.Fatal("it did not start in time")
	}
	stop()
	require.NoError(t, <-ended)
}

func TestAMallThatIsStartedAgainGivesTheFirstAnswer(t *testing.T) {
	dir, req := t.TempDir(), ada()
	var first *customersv1.Customer
	run(t, dir, func(c customersv1.CustomersServiceClient) { first = register(t, c, req) })
	run(t, dir, func(c customersv1.CustomersServiceClient) {
		requireEqual(t, first, register(t, c, req))
		requireCustomers(t, c, 1)
	})
}
