package provision

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	customersv1 "mallbots.example/api/mallbots/customers/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
	"mallbots.example/pkg/rpc"
	"mallbots.example/pkg/service"
	"mallbots.example/services/gateway"
	"mallbots.example/services/mallbots/mall"
)

// Each service runs with what was made for it, as it would in a pod of its own: an order becomes ready, and Redis has refused nothing.
func TestTheMallRunsOnWhatIsProvisioned(t *testing.T) {
	r := newRig(t)
	r.run()
	r.startMall()
	conn, err := rpc.Dial(r.addrs["gateway"], rpc.ClientConfig{Name: "test"})
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	order := buy(t, conn)
	require.Equal(t, orderingv1.OrderStatus_ORDER_STATUS_READY, order.GetStatus(), order.GetRejectReason())
	refused, err := r.adminRedis().ACLLog(t.Context(), 10).Result()
	require.NoError(t, err)
	require.Empty(t, refused)
}

// startMall runs every service as a process would, and waits until each is ready.
func (r *rig) startMall() {
	r.t.Helper()
	services := mall.Services()
	for i, s := range services {
		if s.Name == "gateway" {
			services[i] = gateway.Service() // a mall in one process has JSON only
		}
	}
	r.addrs = map[string]string{}
	var peers []string
	for _, s := range services {
		r.addrs[s.Name] = freeAddr(r.t)
		peers = append(peers, s.Name+"="+r.addrs[s.Name])
	}
	ready := make(chan string, len(services))
	ended := make(chan error, len(services))
	ctx, stop := context.WithCancel(context.Background())
	for _, s := range services {
		environ := []string{
			"MALLBOTS_GRPC_ADDR=" + r.addrs[s.Name], "MALLBOTS_ADMIN_ADDR=127.0.0.1:0", "MALLBOTS_PEERS=" + strings.Join(peers, ","),
		}
		if s.Name == "gateway" {
			environ = append(environ, "MALLBOTS_HTTP_ADDR=127.0.0.1:0")
		}
		if held := r.credentials(s.Name); held != nil {
			environ = append(environ, "MALLBOTS_POSTGRES_URL="+held[postgresURLKey], "MALLBOTS_REDIS_URL="+held[redisURLKey])
		}
		cfg, err := service.LoadConfig(environ, s)
		require.NoError(r.t, err)
		p := service.Process{
			Config: cfg, Log: slog.New(slog.DiscardHandler), Services: []service.Service{s},
			OnReady: func(string, string) { ready <- s.Name },
		}
		go func() { ended <- p.Run(ctx) }()
	}
	r.t.Cleanup(func() {
		stop()
		for range services {
			require.NoError(r.t, <-ended)
		}
	})
	for range services {
		select {
		case <-ready:
		case err := <-ended:
			ended <- nil
			require.FailNow(r.t, "a service does not start", "%v", err)
		case <-time.After(deadline):
			require.FailNow(r.t, "not every service is ready")
		}
	}
}

// freeAddr is an address that was free a moment ago.
func freeAddr(t *testing.T) string {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// buy places an order, and gives it when it is ready or has failed.
func buy(t *testing.T, conn grpc.ClientConnInterface) *orderingv1.Order {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	stores, baskets := storesv1.NewStoresServiceClient(conn), basketsv1.NewBasketsServiceClient(conn)
	store, err := stores.CreateStore(ctx, &storesv1.CreateStoreRequest{Name: "Tinker", Location: "basement"})
	require.NoError(t, err)
	_, err = stores.EnableParticipation(ctx, &storesv1.EnableParticipationRequest{Id: store.GetStore().GetId()})
	require.NoError(t, err)
	stock := int64(10)
	product, err := stores.AddProduct(ctx, &storesv1.AddProductRequest{
		StoreId: store.GetStore().GetId(), Name: "Servo", Stock: &stock, Price: &typev1.Money{CurrencyCode: "USD", MinorUnits: 1450},
	})
	require.NoError(t, err)
	customer, err := customersv1.NewCustomersServiceClient(conn).RegisterCustomer(ctx,
		&customersv1.RegisterCustomerRequest{Name: "Ada", SmsNumber: "+12025550123"})
	require.NoError(t, err)
	customerID := customer.GetCustomer().GetId()
	basket, err := baskets.StartBasket(ctx, &basketsv1.StartBasketRequest{CustomerId: customerID})
	require.NoError(t, err)
	filled, err := baskets.AddItem(ctx, &basketsv1.AddItemRequest{
		BasketId: basket.GetBasket().GetId(), ProductId: product.GetProduct().GetId(), Quantity: 1,
	})
	require.NoError(t, err)
	payment, err := paymentsv1.NewPaymentsServiceClient(conn).AuthorizePayment(ctx,
		&paymentsv1.AuthorizePaymentRequest{CustomerId: customerID, Amount: filled.GetBasket().GetTotal()})
	require.NoError(t, err)
	placed, err := baskets.CheckoutBasket(ctx, &basketsv1.CheckoutBasketRequest{
		Id: basket.GetBasket().GetId(), PaymentId: payment.GetPayment().GetId(),
	})
	require.NoError(t, err)
	watch, err := orderingv1.NewOrderingServiceClient(conn).WatchOrder(ctx, &orderingv1.WatchOrderRequest{Id: placed.GetOrderId()})
	require.NoError(t, err)
	for {
		resp, err := watch.Recv()
		require.NoError(t, err)
		switch order := resp.GetOrder(); order.GetStatus() {
		case orderingv1.OrderStatus_ORDER_STATUS_READY, orderingv1.OrderStatus_ORDER_STATUS_REJECTED:
			return order
		default:
		}
	}
}
