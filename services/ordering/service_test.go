package ordering_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	depotv1 "mallbots.example/api/mallbots/depot/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	sagav1 "mallbots.example/api/mallbots/saga/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/service/servicetest"
	"mallbots.example/services/internal/topics"
	"mallbots.example/services/ordering"
)

// mall is ordering, and a test that plays everyone else.
type mall struct {
	*servicetest.Harness
	t *testing.T
	c orderingv1.OrderingServiceClient
}

func each(t *testing.T, test func(t *testing.T, m mall)) {
	servicetest.Each(t, ordering.Service(), nil, func(t *testing.T, h *servicetest.Harness) {
		test(t, mall{Harness: h, t: t, c: orderingv1.NewOrderingServiceClient(h.Conn)})
	})
}

func usd(minorUnits int64) *typev1.Money {
	return &typev1.Money{CurrencyCode: "USD", MinorUnits: minorUnits}
}

func basketOf(customer string) *basketsv1.Basket {
	return &basketsv1.Basket{
		Id: id.UUIDv7(), CustomerId: customer, PaymentId: id.UUIDv7(), Status: basketsv1.BasketStatus_BASKET_STATUS_CHECKED_OUT, Version: 4,
		Items: []*basketsv1.BasketItem{
			{ProductId: id.UUIDv7(), StoreId: id.UUIDv7(), ProductName: "Tea", StoreName: "Pantry", Price: usd(450), Quantity: 3},
			{ProductId: id.UUIDv7(), StoreId: id.UUIDv7(), ProductName: "Pot", StoreName: "Kiln", Price: usd(2999), Quantity: 1},
		},
		Total: usd(4349),
	}
}

// checkOut places an order and gives its id.
func (m mall) checkOut(customer string) string {
	basket := basketOf(customer)
	m.Event(topics.BasketsEvents, basket.GetId(), &basketsv1.BasketCheckedOut{Basket: basket})
	return basket.GetId()
}

func (m mall) get(order string) *orderingv1.Order {
	m.t.Helper()
	resp, err := m.c.GetOrder(m.t.Context(), &orderingv1.GetOrderRequest{Id: order})
	require.NoError(m.t, err)
	return resp.GetOrder()
}

func (m mall) cancel(order string) *orderingv1.Order {
	m.t.Helper()
	resp, err := m.c.CancelOrder(m.t.Context(), &orderingv1.CancelOrderRequest{Id: order})
	require.NoError(m.t, err)
	return resp.GetOrder()
}

func (m mall) ask(order string, command proto.Message) *sagav1.CommandReply {
	m.t.Helper()
	return m.Command(topics.OrderingCommands, order, command).(*sagav1.CommandReply)
}

// approve gives the list by which the order is collected.
func (m mall) approve(order string) (list string) {
	m.t.Helper()
	list = id.UUIDv7()
	require.NotNil(m.t, m.ask(order, &orderingv1.ApproveOrder{OrderId: order, ShoppingListId: list}).GetSucceeded())
	return list
}

func (m mall) list(order, list string, body func(*depotv1.ShoppingList) proto.Message) {
	m.t.Helper()
	m.Event(topics.DepotEvents, list, body(&depotv1.ShoppingList{Id: list, OrderId: order}))
}

func assigned(list *depotv1.ShoppingList) proto.Message {
	return &depotv1.ShoppingListAssigned{ShoppingList: list}
}

func completed(list *depotv1.ShoppingList) proto.Message {
	return &depotv1.ShoppingListCompleted{ShoppingList: list}
}

// canceled is the news of a list that a saga canceled, for the sake of the order.
func canceled(list *depotv1.ShoppingList) proto.Message {
	return &depotv1.ShoppingListCanceled{ShoppingList: list}
}

// givenUp is the news of a list that the depot canceled.
func givenUp(list *depotv1.ShoppingList) proto.Message {
	return &depotv1.ShoppingListCanceled{ShoppingList: list, GivenUp: true}
}

func (m mall) invoice(order, invoice string, body func(*paymentsv1.Invoice) proto.Message) {
	m.t.Helper()
	m.Event(topics.PaymentsEvents, invoice, body(&paymentsv1.Invoice{Id: invoice, OrderId: order}))
}

func invoiced(invoice *paymentsv1.Invoice) proto.Message {
	return &paymentsv1.InvoiceCreated{Invoice: invoice}
}

func paid(invoice *paymentsv1.Invoice) proto.Message {
	return &paymentsv1.InvoicePaid{Invoice: invoice}
}

func unpaid(invoice *paymentsv1.Invoice) proto.Message {
	return &paymentsv1.InvoiceCanceled{Invoice: invoice}
}

// byCustomer is the cause of a cancel that a customer asked for.
const byCustomer = orderingv1.CancelCause_CANCEL_CAUSE_CUSTOMER

// requireTold checks the messages on the order's stream: each with the order as it was then.
func (m mall) requireTold(want ...proto.Message) {
	m.t.Helper()
	got := m.SentTo(topics.OrderingEvents)
	require.Len(m.t, got, len(want))
	for i := range want {
		require.Truef(m.t, proto.Equal(want[i], got[i]), "want %T %v\ngot %T %v", want[i], want[i], got[i], got[i])
	}
}

func TestABasketThatIsCheckedOutBecomesAnOrder(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		basket := basketOf(id.UUIDv7())
		m.Event(topics.BasketsEvents, basket.GetId(), &basketsv1.BasketCheckedOut{Basket: basket})
		order := m.get(basket.GetId())
		want := &orderingv1.Order{
			Id: basket.GetId(), CustomerId: basket.GetCustomerId(), PaymentId: basket.GetPaymentId(), Total: usd(3*450 + 2999),
			Status: orderingv1.OrderStatus_ORDER_STATUS_PENDING, Version: 1, CreateTime: order.GetCreateTime(), UpdateTime: order.GetCreateTime(),
		}
		for _, item := range basket.GetItems() {
			want.Items = append(want.Items, &orderingv1.OrderItem{
				ProductId: item.GetProductId(), StoreId: item.GetStoreId(), ProductName: item.GetProductName(),
				StoreName: item.GetStoreName(), Price: item.GetPrice(), Quantity: item.GetQuantity(),
			})
		}
		require.True(t, proto.Equal(want, order), "%v", order)
		require.Equal(t, servicetest.Now, order.GetCreateTime().AsTime())
		m.requireTold(&orderingv1.OrderCreated{Order: order})
		require.Equal(t, order.GetId(), m.Sent()[0].Meta.Subject)

		m.Event(topics.BasketsEvents, basket.GetId(), &basketsv1.BasketCheckedOut{Basket: basket}) // a copy that the inbox doesn't know
		require.True(t, proto.Equal(order, m.get(order.GetId())))
		require.Len(t, m.Sent(), 1)
	})
}

func TestABasketThatIsLeftBecomesNothing(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		basket := basketOf(id.UUIDv7())
		m.Event(topics.BasketsEvents, basket.GetId(), &basketsv1.BasketCanceled{Basket: basket})
		_, err := m.c.GetOrder(t.Context(), &orderingv1.GetOrderRequest{Id: basket.GetId()})
		servicetest.RequireReason(t, err, fault.NotFound, "ORDER_NOT_FOUND")
		require.Empty(t, m.Sent())
	})
}

func TestEachStepOfAnOrderIsStoredAndTold(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		order := m.checkOut(id.UUIDv7())
		created := m.get(order)
		m.Clock.Advance(time.Minute)
		list := m.approve(order)
		approved := m.get(order)
		require.Equal(t, orderingv1.OrderStatus_ORDER_STATUS_APPROVED, approved.GetStatus())
		require.Equal(t, list, approved.GetShoppingListId())
		require.EqualValues(t, 2, approved.GetVersion())
		require.Equal(t, servicetest.Now, approved.GetCreateTime().AsTime())
		require.Equal(t, servicetest.Now.Add(time.Minute), approved.GetUpdateTime().AsTime())
		m.list(order, list, assigned)
		started := m.get(order)
		require.Equal(t, orderingv1.OrderStatus_ORDER_STATUS_IN_PROGRESS, started.GetStatus())
		m.list(order, list, completed)
		readied := m.get(order)
		require.Equal(t, orderingv1.OrderStatus_ORDER_STATUS_READY, readied.GetStatus())
		require.Empty(t, readied.GetInvoiceId())
		invoice := id.UUIDv7()
		m.invoice(order, invoice, invoiced)
		require.Equal(t, invoice, m.get(order).GetInvoiceId())
		m.invoice(order, invoice, paid)
		done := m.get(order)
		require.Equal(t, orderingv1.OrderStatus_ORDER_STATUS_COMPLETED, done.GetStatus())
		require.Equal(t, invoice, done.GetInvoiceId())
		m.requireTold(
			&orderingv1.OrderCreated{Order: created}, &orderingv1.OrderApproved{Order: approved},
			&orderingv1.OrderShoppingStarted{Order: started}, &orderingv1.OrderReadied{Order: readied}, &orderingv1.OrderCompleted{Order: done},
		)
	})
}

func TestARejectedOrderSaysWhy(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		order := m.checkOut(id.UUIDv7())
		created := m.get(order)
		for range 2 {
			require.NotNil(t, m.ask(order, &orderingv1.RejectOrder{OrderId: order, Reason: "OUT_OF_STOCK"}).GetSucceeded())
		}
		rejected := m.get(order)
		require.Equal(t, orderingv1.OrderStatus_ORDER_STATUS_REJECTED, rejected.GetStatus())
		require.Equal(t, "OUT_OF_STOCK", rejected.GetRejectReason())
		failed := m.ask(order, &orderingv1.ApproveOrder{OrderId: order, ShoppingListId: id.UUIDv7()}).GetFailed()
		require.Equal(t, "ORDER_NOT_PENDING", failed.GetReason())
		_, err := m.c.CancelOrder(t.Context(), &orderingv1.CancelOrderRequest{Id: order})
		servicetest.RequireReason(t, err, fault.Refused, "ORDER_NOT_CANCELABLE")
		m.requireTold(&orderingv1.OrderCreated{Order: created}, &orderingv1.OrderRejected{Order: rejected})
	})
}

func TestAPendingOrderIsCanceledByTheSagaThatWouldHaveApprovedIt(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		order := m.checkOut(id.UUIDv7())
		created := m.get(order)
		canceling := m.cancel(order)
		require.Equal(t, orderingv1.OrderStatus_ORDER_STATUS_CANCELING, canceling.GetStatus())
		require.True(t, proto.Equal(canceling, m.cancel(order)), "a repeat changes nothing")
		failed := m.ask(order, &orderingv1.ApproveOrder{OrderId: order, ShoppingListId: id.UUIDv7()}).GetFailed()
		require.Equal(t, "ORDER_CANCELING", failed.GetReason())
		require.True(t, proto.Equal(canceling, m.get(order)))
		require.NotNil(t, m.ask(order, &orderingv1.RejectOrder{OrderId: order, Reason: "ORDER_CANCELING"}).GetSucceeded())
		canceled := m.get(order)
		require.Equal(t, orderingv1.OrderStatus_ORDER_STATUS_CANCELED, canceled.GetStatus())
		require.Empty(t, canceled.GetRejectReason())
		require.True(t, proto.Equal(canceled, m.cancel(order)))
		m.requireTold(
			&orderingv1.OrderCreated{Order: created},
			&orderingv1.OrderCancelRequested{Order: canceling, StatusBefore: orderingv1.OrderStatus_ORDER_STATUS_PENDING, Cause: byCustomer},
			&orderingv1.OrderCanceled{Order: canceled},
		)
	})
}

func TestAnApprovedOrderIsCanceledWhenAllIsGivenBack(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		order := m.checkOut(id.UUIDv7())
		created := m.get(order)
		list := m.approve(order)
		approved := m.get(order)
		canceling := m.cancel(order)
		require.NotNil(t, m.ask(order, &orderingv1.ApproveOrder{OrderId: order, ShoppingListId: list}).GetSucceeded(),
			"a repeat of what was done has the same answer")
		for range 2 {
			require.NotNil(t, m.ask(order, &orderingv1.ConfirmCancel{OrderId: order}).GetSucceeded())
		}
		canceled := m.get(order)
		require.Equal(t, orderingv1.OrderStatus_ORDER_STATUS_CANCELED, canceled.GetStatus())
		m.requireTold(
			&orderingv1.OrderCreated{Order: created}, &orderingv1.OrderApproved{Order: approved},
			&orderingv1.OrderCancelRequested{Order: canceling, StatusBefore: orderingv1.OrderStatus_ORDER_STATUS_APPROVED, Cause: byCustomer},
			&orderingv1.OrderCanceled{Order: canceled},
		)
	})
}

func TestAnOrderWhoseCancelIsRefusedGoesOnAndThatIsTold(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		order := m.checkOut(id.UUIDv7())
		list := m.approve(order)
		m.cancel(order)
		for range 2 {
			require.NotNil(t, m.ask(order, &orderingv1.RefuseCancel{OrderId: order, Reason: "LIST_ASSIGNED"}).GetSucceeded())
		}
		again := m.get(order)
		require.Equal(t, orderingv1.OrderStatus_ORDER_STATUS_APPROVED, again.GetStatus())
		require.EqualValues(t, 4, again.GetVersion())
		told := m.SentTo(topics.OrderingEvents)
		require.Len(t, told, 4)
		require.True(t, proto.Equal(&orderingv1.OrderApproved{Order: again}, told[3]), "%v", told[3])
		_, err := m.c.CancelOrder(t.Context(), &orderingv1.CancelOrderRequest{Id: order})
		servicetest.RequireReason(t, err, fault.Refused, "ORDER_NOT_CANCELABLE")
		m.list(order, list, assigned)
		require.Equal(t, orderingv1.OrderStatus_ORDER_STATUS_IN_PROGRESS, m.get(order).GetStatus())
	})
}

func TestAPendingOrderWhoseCancelIsRefusedIsNotToldAsNew(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		order := m.checkOut(id.UUIDv7())
		m.cancel(order)
		require.NotNil(t, m.ask(order, &orderingv1.RefuseCancel{OrderId: order, Reason: "LIST_ASSIGNED"}).GetSucceeded())
		require.Equal(t, orderingv1.OrderStatus_ORDER_STATUS_PENDING, m.get(order).GetStatus())
		require.Len(t, m.SentTo(topics.OrderingEvents), 2)
	})
}

func TestABotThatIsFasterTakesTheOrderOutOfCanceling(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		order := m.checkOut(id.UUIDv7())
		list := m.approve(order)
		m.cancel(order)
		m.list(order, list, assigned)
		started := m.get(order)
		require.Equal(t, orderingv1.OrderStatus_ORDER_STATUS_IN_PROGRESS, started.GetStatus())
		require.NotNil(t, m.ask(order, &orderingv1.RefuseCancel{OrderId: order, Reason: "LIST_ASSIGNED"}).GetSucceeded())
		require.True(t, proto.Equal(started, m.get(order)), "it is where its list has taken it")
		_, err := m.c.CancelOrder(t.Context(), &orderingv1.CancelOrderRequest{Id: order})
		servicetest.RequireReason(t, err, fault.Refused, "ORDER_NOT_CANCELABLE")
	})
}

func TestAnUnknownOrderIsNotFound(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		_, err := m.c.GetOrder(t.Context(), &orderingv1.GetOrderRequest{Id: id.UUIDv7()})
		servicetest.RequireReason(t, err, fault.NotFound, "ORDER_NOT_FOUND")
		_, err = m.c.CancelOrder(t.Context(), &orderingv1.CancelOrderRequest{Id: id.UUIDv7()})
		servicetest.RequireReason(t, err, fault.NotFound, "ORDER_NOT_FOUND")
		require.Empty(t, m.Sent())
	})
}
