// Package shopping is a customer of the mall: it shops over gRPC as any client would, with nothing but the contracts. The demos and the
// bench use it.
package shopping

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	customersv1 "mallbots.example/api/mallbots/customers/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
)

// Client calls the services that a customer needs.
type Client struct {
	Stores    storesv1.StoresServiceClient
	Customers customersv1.CustomersServiceClient
	Baskets   basketsv1.BasketsServiceClient
	Ordering  orderingv1.OrderingServiceClient
	Payments  paymentsv1.PaymentsServiceClient
}

// NewClient calls the mall behind conn.
func NewClient(conn grpc.ClientConnInterface) *Client {
	return &Client{
		Stores: storesv1.NewStoresServiceClient(conn), Customers: customersv1.NewCustomersServiceClient(conn),
		Baskets: basketsv1.NewBasketsServiceClient(conn), Ordering: orderingv1.NewOrderingServiceClient(conn),
		Payments: paymentsv1.NewPaymentsServiceClient(conn),
	}
}

// Register makes a customer.
func (c *Client) Register(ctx context.Context, name string) (*customersv1.Customer, error) {
	resp, err := c.Customers.RegisterCustomer(ctx, &customersv1.RegisterCustomerRequest{Name: name, SmsNumber: "+12025550123"})
	return resp.GetCustomer(), err
}

// FillBasket starts a basket with one piece of each product.
func (c *Client) FillBasket(ctx context.Context, customerID string, products []*storesv1.Product) (*basketsv1.Basket, error) {
	started, err := c.Baskets.StartBasket(ctx, &basketsv1.StartBasketRequest{CustomerId: customerID})
	if err != nil {
		return nil, err
	}
	basket := started.GetBasket()
	for _, product := range products {
		added, err := c.Baskets.AddItem(ctx, &basketsv1.AddItemRequest{BasketId: basket.GetId(), ProductId: product.GetId(), Quantity: 1})
		if err != nil {
			return nil, err
		}
		basket = added.GetBasket()
	}
	return basket, nil
}

// Authorize sets aside what a basket costs.
func (c *Client) Authorize(ctx context.Context, customerID string, amount *typev1.Money) (*paymentsv1.Payment, error) {
	resp, err := c.Payments.AuthorizePayment(ctx, &paymentsv1.AuthorizePaymentRequest{CustomerId: customerID, Amount: amount})
	return resp.GetPayment(), err
}

// Watch calls seen with the order as it is and after each change, until the order is final or seen is done.
func (c *Client) Watch(ctx context.Context, orderID string, seen func(o *orderingv1.Order) (done bool, err error)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.Ordering.WatchOrder(ctx, &orderingv1.WatchOrderRequest{Id: orderID})
	if err != nil {
		return err
	}
	for {
		resp, err := stream.Recv()
		if err != nil {
			return err
		}
		if done, err := seen(resp.GetOrder()); done || err != nil {
			return err
		}
	}
}

// Await waits until the order has a status, and gives it. Another final status is an error.
func (c *Client) Await(ctx context.Context, orderID string, status orderingv1.OrderStatus) (order *orderingv1.Order, err error) {
	err = c.Watch(ctx, orderID, func(o *orderingv1.Order) (bool, error) {
		order = o
		switch {
		case o.GetStatus() == status:
			return true, nil
		case Final(o.GetStatus()):
			return false, fmt.Errorf("order %s is %v %s, not %v", orderID, o.GetStatus(), o.GetRejectReason(), status)
		}
		return false, nil
	})
	return order, err
}

// Final reports whether an order changes no more.
func Final(status orderingv1.OrderStatus) bool {
	switch status {
	case orderingv1.OrderStatus_ORDER_STATUS_COMPLETED, orderingv1.OrderStatus_ORDER_STATUS_REJECTED, orderingv1.OrderStatus_ORDER_STATUS_CANCELED:
		return true
	default:
		return false
	}
}

// Catalog gives a product of each of the first participating stores that sell any, one per store.
func (c *Client) Catalog(ctx context.Context, stores int) ([]*storesv1.Product, map[string]string, error) {
	var products []*storesv1.Product
	names := map[string]string{}
	listed, err := c.Stores.ListStores(ctx, &storesv1.ListStoresRequest{ParticipatingOnly: true, PageSize: 100})
	if err != nil {
		return nil, nil, err
	}
	for _, store := range listed.GetStores() {
		catalog, err := c.Stores.ListProducts(ctx, &storesv1.ListProductsRequest{StoreId: store.GetId(), PageSize: 100})
		if err != nil {
			return nil, nil, err
		}
		for _, product := range catalog.GetProducts() {
			if product.AvailableStock == nil || product.GetAvailableStock() > 0 {
				products = append(products, product)
				names[store.GetId()] = store.GetName()
				break
			}
		}
		if len(products) == stores {
			return products, names, nil
		}
	}
	return nil, nil, fmt.Errorf("the mall has %d stores with something to sell; %d are needed", len(products), stores)
}

// Timeout bounds one order from checkout to completed: seconds when bots are at work, and long enough for a busy machine.
const Timeout = time.Minute
