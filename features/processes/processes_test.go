//go:build processes

package processes_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/features/processes"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	customersv1 "mallbots.example/api/mallbots/customers/v1"
	depotv1 "mallbots.example/api/mallbots/depot/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
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

// shop is a store with one product, and what was sold of it.
type shop struct {
	t       *testing.T
	conn    *clients
	product *storesv1.Product
}

type clients struct {
	stores    storesv1.StoresServiceClient
	customers customersv1.CustomersServiceClient
	baskets   basketsv1.BasketsServiceClient
	ordering  orderingv1.OrderingServiceClient
	payments  paymentsv1.PaymentsServiceClient
	depot     depotv1.DepotServiceClient
}

const stock = 1_000_000

func open(t *testing.T, mall *processes.Mall) *shop {
	conn := mall.Conn("gateway")
	c := &clients{
		stores: storesv1.NewStoresServiceClient(conn), customers: customersv1.NewCustomersServiceClient(conn),
		baskets: basketsv1.NewBasketsServiceClient(conn), ordering: orderingv1.NewOrderingServiceClient(conn),
		payments: paymentsv1.NewPaymentsServiceClient(conn), depot: depotv1.NewDepotServiceClient(conn),
	}
	store, err := c.stores.CreateStore(t.Context(), &storesv1.CreateStoreRequest{Name: "Tinker", Location: "basement"})
	require.NoError(t, err)
	_, err = c.stores.EnableParticipation(t.Context(), &storesv1.EnableParticipationRequest{Id: store.GetStore().GetId()})
	require.NoError(t, err)
	in := int64(stock)
	product, err := c.stores.AddProduct(t.Context(), &storesv1.AddProductRequest{
		StoreId: store.GetStore().GetId(), Name: "Servo", Stock: &in, Price: &typev1.Money{CurrencyCode: "USD", MinorUnits: 1450},
	})
	require.NoError(t, err)
	return &shop{t: t, conn: c, product: product.GetProduct()}
}

// buy places an order. An error means that the customer was not told OK: the order may or may not exist.
func (s *shop) buy(ctx context.Context) (orderID string, err error) {
	customer, err := s.conn.customers.RegisterCustomer(ctx, &customersv1.RegisterCustomerRequest{Name: "Ada", SmsNumber: "+12025550123"})
	if err != nil {
		return "", err
	}
	customerID := customer.GetCustomer().GetId()
	basket, err := s.conn.baskets.StartBasket(ctx, &basketsv1.StartBasketRequest{CustomerId: customerID})
	if err != nil {
		return "", err
	}
	filled, err := s.conn.baskets.AddItem(ctx, &basketsv1.AddItemRequest{BasketId: basket.GetBasket().GetId(), ProductId: s.product.GetId(), Quantity: 1})
	if err != nil {
		return "", err
	}
	payment, err := s.conn.payments.AuthorizePayment(ctx, &paymentsv1.AuthorizePaymentRequest{CustomerId: customerID, Amount: filled.GetBasket().GetTotal()})
	if err != nil {
		return "", err
	}
	placed, err := s.conn.baskets.CheckoutBasket(ctx, &basketsv1.CheckoutBasketRequest{Id: basket.GetBasket().GetId(), PaymentId: payment.GetPayment().GetId()})
	return placed.GetOrderId(), err
}

// await waits until an order is ready, and gives it. A watch that breaks is begun again, as clients do.
func (s *shop) await(ctx context.Context, orderID string) (last *orderingv1.Order, err error) {
	for ctx.Err() == nil {
		var stream orderingv1.OrderingService_WatchOrderClient
		if stream, err = s.conn.ordering.WatchOrder(ctx, &orderingv1.WatchOrderRequest{Id: orderID}); err != nil {
			continue
		}
		for {
			var resp *orderingv1.WatchOrderResponse
			if resp, err = stream.Recv(); err != nil {
				break
			}
			last = resp.GetOrder()
			if status := last.GetStatus(); status == orderingv1.OrderStatus_ORDER_STATUS_READY || status == orderingv1.OrderStatus_ORDER_STATUS_REJECTED {
				return last, nil
			}
		}
	}
	return last, fmt.Errorf("order %s is %v: %w", orderID, last.GetStatus(), err)
}

// Each service is killed and started again while orders are placed. Whatever a customer was told OK becomes ready, and is counted once.
func TestEveryOrderEndsWhicheverProcessIsKilled(t *testing.T) {
	mall := start(t)
	s := open(t, mall)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()

	var mu sync.Mutex
	var orders []string
	selling, closeShop := context.WithCancel(ctx)
	var customers sync.WaitGroup
	for range 3 {
		customers.Go(func() {
			breath := time.NewTicker(20 * time.Millisecond) // between two tries, or a service that is away is only hammered
			defer breath.Stop()
			for selling.Err() == nil {
				if orderID, err := s.buy(ctx); err == nil {
					mu.Lock()
					orders = append(orders, orderID)
					mu.Unlock()
				}
				<-breath.C
			}
		})
	}
	sold := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(orders)
	}
	for _, victim := range []string{"ordering", "cosec", "stores", "customers", "depot", "payments", "baskets", "bots", "gateway", "notifications", "search"} {
		before := sold()
		require.Eventually(t, func() bool { return sold() >= before+3 }, patience, 10*time.Millisecond, "orders under way")
		mall.Kill(victim)
		mall.AwaitReady(victim)
	}
	closeShop()
	customers.Wait()

	ready := 0
	for _, orderID := range orders {
		order, err := s.await(ctx, orderID)
		require.NoError(t, err)
		// A service that stays away for long makes a saga give up; here each comes back within seconds.
		require.Equal(t, orderingv1.OrderStatus_ORDER_STATUS_READY, order.GetStatus(), order.GetRejectReason())
		ready++
	}
	t.Logf("%d orders were answered OK and became ready while 11 processes were killed", ready)

	// What was sold is gone from the stock, once: orders whose customers were told of an error may have been placed as well.
	product, err := s.conn.stores.GetProduct(ctx, &storesv1.GetProductRequest{Id: s.product.GetId()})
	require.NoError(t, err)
	gone := stock - product.GetProduct().GetAvailableStock()
	lists := s.countLists(ctx)
	require.GreaterOrEqual(t, gone, int64(ready))
	require.Equal(t, gone, lists, "one list for each piece that left the stock")
}

// countLists counts the shopping lists that were not canceled.
func (s *shop) countLists(ctx context.Context) (n int64) {
	req := &depotv1.ListShoppingListsRequest{PageSize: 100}
	for {
		resp, err := s.conn.depot.ListShoppingLists(ctx, req)
		require.NoError(s.t, err)
		for _, list := range resp.GetShoppingLists() {
			if list.GetStatus() != depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_CANCELED {
				n++
			}
		}
		if req.PageToken = resp.GetNextPageToken(); req.PageToken == "" {
			return n
		}
	}
}
