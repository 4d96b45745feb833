package search_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	customersv1 "mallbots.example/api/mallbots/customers/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	searchv1 "mallbots.example/api/mallbots/search/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/service/servicetest"
	"mallbots.example/pkg/store"
	"mallbots.example/services/internal/people/peopletest"
	"mallbots.example/services/internal/topics"
	"mallbots.example/services/search"
)

const (
	pending   = orderingv1.OrderStatus_ORDER_STATUS_PENDING
	approved  = orderingv1.OrderStatus_ORDER_STATUS_APPROVED
	started   = orderingv1.OrderStatus_ORDER_STATUS_IN_PROGRESS
	ready     = orderingv1.OrderStatus_ORDER_STATUS_READY
	completed = orderingv1.OrderStatus_ORDER_STATUS_COMPLETED
	rejected  = orderingv1.OrderStatus_ORDER_STATUS_REJECTED
	canceling = orderingv1.OrderStatus_ORDER_STATUS_CANCELING
	canceled  = orderingv1.OrderStatus_ORDER_STATUS_CANCELED
)

// world is the service with customers beside it.
type world struct {
	*servicetest.Harness
	t         *testing.T
	api       searchv1.SearchServiceClient
	customers *peopletest.Customers
}

func each(t *testing.T, test func(t *testing.T, w world)) {
	customers := peopletest.Start(t)
	peers := map[string]grpc.ClientConnInterface{"customers": customers.Conn}
	servicetest.Each(t, search.Service(), peers, func(t *testing.T, h *servicetest.Harness) {
		customers.Reset()
		test(t, world{Harness: h, t: t, api: searchv1.NewSearchServiceClient(h.Conn), customers: customers})
	})
}

// customer is somebody whose event has come.
func (w world) customer(name string) (customerID string) {
	w.t.Helper()
	customerID = id.UUIDv7()
	w.Event(topics.CustomersEvents, customerID, &customersv1.CustomerRegistered{Customer: &customersv1.Customer{
		Id: customerID, Name: name, SmsNumber: "+4915112345678", Enabled: true, Version: 1,
	}})
	return customerID
}

func dollars(cents int64) *typev1.Money { return &typev1.Money{CurrencyCode: "USD", MinorUnits: cents} }

// line is one piece of a product.
func line(productName, storeName string, cents int64) *orderingv1.OrderItem {
	return &orderingv1.OrderItem{
		ProductId: id.Derived("product", productName), StoreId: id.Derived("store", storeName), ProductName: productName, StoreName: storeName,
		Price: dollars(cents), Quantity: 1,
	}
}

// order is a pending order that was placed so many minutes after the start.
func order(customerID string, minutes int, items ...*orderingv1.OrderItem) *orderingv1.Order {
	at := timestamppb.New(servicetest.Now.Add(time.Duration(minutes) * time.Minute))
	o := &orderingv1.Order{
		Id: id.UUIDv7(), CustomerId: customerID, PaymentId: id.UUIDv7(), Items: items, Total: dollars(0), Status: pending,
		CreateTime: at, UpdateTime: at, Version: 1,
	}
	for _, item := range items {
		o.Total.MinorUnits += item.GetPrice().GetMinorUnits() * int64(item.GetQuantity())
	}
	return o
}

// later is an order at a later version, a minute for each after it was placed.
func later(o *orderingv1.Order, version int64, status orderingv1.OrderStatus) *orderingv1.Order {
	o = proto.CloneOf(o)
	o.Version, o.Status = version, status
	o.UpdateTime = timestamppb.New(o.GetCreateTime().AsTime().Add(time.Duration(version-1) * time.Minute))
	if status == rejected {
		o.RejectReason = "OUT_OF_STOCK"
	}
	return o
}

// event is what tells of an order that it has come to its status.
func event(o *orderingv1.Order) proto.Message {
	switch o.GetStatus() {
	case approved:
		return &orderingv1.OrderApproved{Order: o}
	case started:
		return &orderingv1.OrderShoppingStarted{Order: o}
	case ready:
		return &orderingv1.OrderReadied{Order: o}
	case completed:
		return &orderingv1.OrderCompleted{Order: o}
	case rejected:
		return &orderingv1.OrderRejected{Order: o}
	case canceling:
		return &orderingv1.OrderCancelRequested{Order: o, StatusBefore: approved}
	case canceled:
		return &orderingv1.OrderCanceled{Order: o}
	default:
		return &orderingv1.OrderCreated{Order: o}
	}
}

// tell delivers an event about each order as it is there, in this order.
func (w world) tell(orders ...*orderingv1.Order) {
	w.t.Helper()
	for _, o := range orders {
		w.Event(topics.OrderingEvents, o.GetId(), event(o))
	}
}

// shown is how an order is to be shown.
func shown(o *orderingv1.Order, customerName string) *searchv1.Order {
	want := &searchv1.Order{
		Id: o.GetId(), CustomerId: o.GetCustomerId(), CustomerName: customerName, Total: o.GetTotal(), Status: o.GetStatus(),
		RejectReason: o.GetRejectReason(), CreateTime: o.GetCreateTime(), UpdateTime: o.GetUpdateTime(), Version: o.GetVersion(),
	}
	for _, item := range o.GetItems() {
		want.Items = append(want.Items, &searchv1.OrderItem{
			ProductId: item.GetProductId(), StoreId: item.GetStoreId(), ProductName: item.GetProductName(), StoreName: item.GetStoreName(),
			Price: item.GetPrice(), Quantity: item.GetQuantity(),
		})
	}
	return want
}

func (w world) get(orderID string) *searchv1.Order {
	w.t.Helper()
	resp, err := w.api.GetOrder(w.t.Context(), &searchv1.GetOrderRequest{Id: orderID})
	require.NoError(w.t, err)
	return resp.GetOrder()
}

// shows requires that an order is shown as it was told there.
func (w world) shows(o *orderingv1.Order, customerName string) {
	w.t.Helper()
	got := w.get(o.GetId())
	require.True(w.t, proto.Equal(shown(o, customerName), got), "%v", got)
}

// search gives all orders that match, page by page.
func (w world) search(req *searchv1.SearchOrdersRequest) (orders []*searchv1.Order) {
	w.t.Helper()
	req = proto.CloneOf(req)
	for {
		resp, err := w.api.SearchOrders(w.t.Context(), req)
		require.NoError(w.t, err)
		orders = append(orders, resp.GetOrders()...)
		if req.PageToken = resp.GetNextPageToken(); req.PageToken == "" {
			return orders
		}
	}
}

func ids[O interface{ GetId() string }](orders ...O) (ids []string) {
	for _, o := range orders {
		ids = append(ids, o.GetId())
	}
	return ids
}

// waiting is how many messages were put off or are dead letters.
func (w world) waiting() (count int) {
	w.t.Helper()
	require.NoError(w.t, w.DB.Read(w.t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM deferred) + (SELECT COUNT(*) FROM dead_letters)`).Scan(&count)
	}))
	return count
}
