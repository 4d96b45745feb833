package gateway_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	"mallbots.example/pkg/rpc"
	"mallbots.example/pkg/service"
	"mallbots.example/services/gateway"
)

// patience bounds everything that a test waits for; only a test that fails reaches it.
const patience = 20 * time.Second

var quiet = slog.New(slog.DiscardHandler)

// edge is a gateway that runs as it does in production, on loopback ports.
type edge struct {
	t     *testing.T
	grpc  string
	admin string
	http  string
	stop  context.CancelFunc
}

// start runs a gateway whose peers are at the given addresses.
func start(t *testing.T, peers map[string]string) *edge {
	t.Helper()
	var list []string
	for name, addr := range peers {
		list = append(list, name+"="+addr)
	}
	return run(t, &service.Process{}, "MALLBOTS_PEERS="+strings.Join(list, ","))
}

// run runs a gateway as p says and with more settings.
func run(t *testing.T, p *service.Process, settings ...string) *edge {
	t.Helper()
	e := &edge{t: t}
	gateway := gateway.ServiceTelling(func(addr net.Addr) { e.http = addr.String() })
	var err error
	p.Config, err = service.LoadConfig(append(settings, "MALLBOTS_HTTP_ADDR=127.0.0.1:0"), gateway)
	require.NoError(t, err)
	require.NoError(t, p.Config.Validate(false, false), "a gateway needs no database")
	p.Services = []service.Service{gateway}
	ready := make(chan struct{})
	p.Config.GRPCAddr, p.Config.AdminAddr, p.Config.DrainTimeout = "127.0.0.1:0", "127.0.0.1:0", patience
	if p.Log == nil {
		p.Log = quiet
	}
	p.OnReady = func(grpcAddr, adminAddr string) {
		e.grpc, e.admin = grpcAddr, adminAddr
		close(ready)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := p.Run(ctx); err != nil {
			t.Errorf("the gateway ended with %v", err)
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	e.stop = cancel
	select {
	case <-ready:
	case <-ended:
		t.FailNow()
	}
	return e
}

// conn is a connection of a client of the mall.
func (e *edge) conn() *grpc.ClientConn {
	e.t.Helper()
	conn, err := rpc.Dial(e.grpc, rpc.ClientConfig{})
	require.NoError(e.t, err)
	e.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// readyz is what Kubernetes is told, once it is past the start.
func (e *edge) readyz() int {
	e.t.Helper()
	for deadline := time.Now().Add(patience); ; {
		req, err := http.NewRequestWithContext(e.t.Context(), http.MethodGet, "http://"+e.admin+"/readyz", http.NoBody)
		require.NoError(e.t, err)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(e.t, err)
		require.NoError(e.t, resp.Body.Close())
		if resp.StatusCode == http.StatusOK || time.Now().After(deadline) {
			return resp.StatusCode
		}
	}
}

// serve runs a backend with the mall's own server builder, and gives its address.
func serve(t *testing.T, register func(grpc.ServiceRegistrar)) string {
	t.Helper()
	server := rpc.NewServer(rpc.ServerConfig{Logger: quiet, Grace: time.Second})
	register(server)
	listener := listen(t)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	return listener.Addr().String()
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return listener
}

// nobody is an address at which nothing answers.
func nobody(t *testing.T) string {
	t.Helper()
	listener := listen(t)
	require.NoError(t, listener.Close())
	return listener.Addr().String()
}

// ordering is a backend whose answers a test chooses.
type ordering struct {
	orderingv1.UnimplementedOrderingServiceServer
	get   func(ctx context.Context, id string) (*orderingv1.Order, error)
	watch func(ctx context.Context, id string, send func(*orderingv1.Order) error) error
	// cancel may be nil: not implemented.
	cancel func(req *orderingv1.CancelOrderRequest)
}

// GetOrder implements the RPC.
func (o *ordering) GetOrder(ctx context.Context, req *orderingv1.GetOrderRequest) (*orderingv1.GetOrderResponse, error) {
	order, err := o.get(ctx, req.GetId())
	return &orderingv1.GetOrderResponse{Order: order}, err
}

// CancelOrder implements the RPC.
func (o *ordering) CancelOrder(ctx context.Context, req *orderingv1.CancelOrderRequest) (*orderingv1.CancelOrderResponse, error) {
	if o.cancel == nil {
		return o.UnimplementedOrderingServiceServer.CancelOrder(ctx, req)
	}
	o.cancel(req)
	return &orderingv1.CancelOrderResponse{}, nil
}

// WatchOrder implements the RPC.
func (o *ordering) WatchOrder(req *orderingv1.WatchOrderRequest, stream grpc.ServerStreamingServer[orderingv1.WatchOrderResponse]) error {
	return o.watch(stream.Context(), req.GetId(), func(order *orderingv1.Order) error {
		return stream.Send(&orderingv1.WatchOrderResponse{Order: order})
	})
}

// startWith runs a gateway in front of this backend, and gives a client of it.
func startWith(t *testing.T, backend *ordering) (*edge, orderingv1.OrderingServiceClient) {
	t.Helper()
	addr := serve(t, func(r grpc.ServiceRegistrar) { orderingv1.RegisterOrderingServiceServer(r, backend) })
	e := start(t, map[string]string{"ordering": addr, "stores": nobody(t)})
	return e, orderingv1.NewOrderingServiceClient(e.conn())
}

func await[T any](t *testing.T, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		require.FailNow(t, "waited in vain for "+what)
		panic("unreachable")
	}
}
