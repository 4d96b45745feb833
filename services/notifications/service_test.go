package notifications_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	customersv1 "mallbots.example/api/mallbots/customers/v1"
	notificationsv1 "mallbots.example/api/mallbots/notifications/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/rpc"
	"mallbots.example/pkg/service/servicetest"
	"mallbots.example/pkg/store"
	"mallbots.example/services/internal/people/peopletest"
	"mallbots.example/services/internal/topics"
	"mallbots.example/services/notifications"
)

const (
	number = "+4915112345678"

	received = notificationsv1.NotificationKind_NOTIFICATION_KIND_ORDER_RECEIVED
	ready    = notificationsv1.NotificationKind_NOTIFICATION_KIND_ORDER_READY
	canceled = notificationsv1.NotificationKind_NOTIFICATION_KIND_ORDER_CANCELED
	rejected = notificationsv1.NotificationKind_NOTIFICATION_KIND_ORDER_REJECTED

	queued = notificationsv1.NotificationStatus_NOTIFICATION_STATUS_QUEUED
	sent   = notificationsv1.NotificationStatus_NOTIFICATION_STATUS_SENT
	failed = notificationsv1.NotificationStatus_NOTIFICATION_STATUS_FAILED
)

// world is the service with customers beside it.
type world struct {
	*servicetest.Harness
	t         *testing.T
	api       notificationsv1.NotificationsServiceClient
	customers *peopletest.Customers
}

func each(t *testing.T, test func(t *testing.T, w world)) {
	customers := peopletest.Start(t)
	peers := map[string]grpc.ClientConnInterface{"customers": customers.Conn}
	servicetest.Each(t, notifications.Service(), peers, func(t *testing.T, h *servicetest.Harness) {
		customers.Reset()
		test(t, world{Harness: h, t: t, api: notificationsv1.NewNotificationsServiceClient(h.Conn), customers: customers})
	})
}

// customer is somebody whose event has come.
func (w world) customer() *customersv1.Customer {
	w.t.Helper()
	ada := &customersv1.Customer{Id: id.UUIDv7(), Name: "Ada", SmsNumber: number, Enabled: true, Version: 1}
	w.Event(topics.CustomersEvents, ada.GetId(), &customersv1.CustomerRegistered{Customer: ada})
	return ada
}

func order(customerID string) *orderingv1.Order {
	return &orderingv1.Order{
		Id: id.UUIDv7(), CustomerId: customerID, Total: &typev1.Money{CurrencyCode: "USD", MinorUnits: 1234}, Version: 1,
	}
}

// tell delivers events about an order in this order.
func (w world) tell(events ...proto.Message) {
	w.t.Helper()
	for _, event := range events {
		w.Event(topics.OrderingEvents, "order", event)
	}
}

func (w world) list(req *notificationsv1.ListNotificationsRequest) []*notificationsv1.Notification {
	w.t.Helper()
	resp, err := w.api.ListNotifications(w.t.Context(), req)
	require.NoError(w.t, err)
	return resp.GetNotifications()
}

// ended waits until the order has as many notifications and none of them is queued, and gives them by their kind.
func (w world) ended(orderID string, want int) map[notificationsv1.NotificationKind]*notificationsv1.Notification {
	w.t.Helper()
	for deadline := time.Now().Add(servicetest.Deadline); time.Now().Before(deadline); runtime.Gosched() {
		all := w.list(&notificationsv1.ListNotificationsRequest{OrderId: orderID})
		byKind := map[notificationsv1.NotificationKind]*notificationsv1.Notification{}
		for _, n := range all {
			if n.GetStatus() != queued {
				byKind[n.GetKind()] = n
			}
		}
		if len(byKind) == len(all) {
			require.Len(w.t, all, want)
			return byKind
		}
	}
	w.t.Fatal("the notifications were not sent in time")
	return nil
}

func TestACustomerIsToldWhatBecomesOfAnOrder(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ada := w.customer()
		collected, gone, refused := order(ada.GetId()), order(ada.GetId()), order(ada.GetId())
		refused.RejectReason = "OUT_OF_STOCK"
		w.tell(&orderingv1.OrderCreated{Order: collected}, &orderingv1.OrderApproved{Order: collected}, &orderingv1.OrderReadied{Order: collected},
			&orderingv1.OrderCompleted{Order: collected}, &orderingv1.OrderCreated{Order: gone}, &orderingv1.OrderCanceled{Order: gone},
			&orderingv1.OrderCreated{Order: refused}, &orderingv1.OrderRejected{Order: refused})
		for _, test := range []struct {
			order *orderingv1.Order
			kind  notificationsv1.NotificationKind
			says  string
		}{
			{collected, received, "received your order"}, {collected, ready, "is ready"}, {gone, received, "USD 12.34"},
			{gone, canceled, "is canceled"}, {refused, received, "received"}, {refused, rejected, "sold out"},
		} {
			n := w.ended(test.order.GetId(), 2)[test.kind]
			require.NotNil(t, n, test.kind)
			require.Equal(t, sent, n.GetStatus())
			require.Contains(t, n.GetText(), test.says)
			require.Equal(t, number, n.GetSmsNumber())
			require.Equal(t, ada.GetId(), n.GetCustomerId())
			require.EqualValues(t, 1, n.GetAttempts())
			require.Equal(t, servicetest.Now, n.GetSentTime().AsTime())
			require.Equal(t, servicetest.Now, n.GetCreateTime().AsTime())
			require.EqualValues(t, 3, n.GetVersion(), "written, tried, sent")
		}
		require.Empty(t, w.Sent(), "nobody else is told")
	})
}

func TestEachKindIsToldOnceInWhateverOrderAndNumberEventsCome(t *testing.T) {
	created := func(o *orderingv1.Order) proto.Message { return &orderingv1.OrderCreated{Order: o} }
	readied := func(o *orderingv1.Order) proto.Message { return &orderingv1.OrderReadied{Order: o} }
	for name, events := range map[string][]func(*orderingv1.Order) proto.Message{
		"in order":       {created, readied},
		"backwards":      {readied, created},
		"several copies": {created, created, readied, created, readied},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w world) {
				o := order(w.customer().GetId())
				for _, event := range events {
					w.tell(event(o))
				}
				told := w.ended(o.GetId(), 2)
				require.Equal(t, sent, told[received].GetStatus())
				require.Equal(t, sent, told[ready].GetStatus())
			})
		})
	}
}

func TestACopyOfAMessageChangesNothing(t *testing.T) {
	each(t, func(_ *testing.T, w world) {
		o := order(w.customer().GetId())
		for range 3 {
			w.Deliver(topics.OrderingEvents, message.Meta{ID: "one", Subject: o.GetId()}, &orderingv1.OrderCreated{Order: o})
		}
		w.ended(o.GetId(), 1)
	})
}

func TestACustomerWhoseEventHasNotComeIsAskedFor(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		bob := id.UUIDv7()
		w.customers.Know(&customersv1.Customer{Id: bob, Name: "Bob", SmsNumber: "+12025550123", Version: 2})
		o := order(bob)
		w.tell(&orderingv1.OrderCreated{Order: o})
		require.Equal(t, "+12025550123", w.ended(o.GetId(), 1)[received].GetSmsNumber())

		late := &customersv1.Customer{Id: bob, Name: "Bob", SmsNumber: number, Version: 1}
		w.Event(topics.CustomersEvents, bob, &customersv1.CustomerRegistered{Customer: late})
		w.tell(&orderingv1.OrderReadied{Order: o})
		require.Equal(t, "+12025550123", w.ended(o.GetId(), 2)[ready].GetSmsNumber(), "an older version changes nothing")
	})
}

func TestANewNumberIsUsedFromThenOn(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ada := w.customer()
		o := order(ada.GetId())
		w.tell(&orderingv1.OrderCreated{Order: o})
		w.ended(o.GetId(), 1)
		ada.SmsNumber, ada.Version = "+12025550123", 2
		w.Event(topics.CustomersEvents, ada.GetId(), &customersv1.CustomerSmsNumberChanged{Customer: ada})
		w.tell(&orderingv1.OrderReadied{Order: o})
		told := w.ended(o.GetId(), 2)
		require.Equal(t, number, told[received].GetSmsNumber())
		require.Equal(t, "+12025550123", told[ready].GetSmsNumber())
	})
}

func TestWhatIsForAStrangerIsKeptAsFailedAndHoldsUpNobody(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		strange, nobodys, good := order(id.UUIDv7()), order(""), order(w.customer().GetId())
		w.tell(&orderingv1.OrderCreated{Order: strange}, &orderingv1.OrderCreated{Order: nobodys}, &orderingv1.OrderCreated{Order: good},
			&orderingv1.OrderRejected{Order: strange})
		for kind, n := range w.ended(strange.GetId(), 2) {
			require.Equal(t, failed, n.GetStatus(), kind)
			require.Empty(t, n.GetSmsNumber())
			require.Zero(t, n.GetAttempts())
			require.Nil(t, n.GetSentTime())
			require.EqualValues(t, 1, n.GetVersion())
		}
		require.Equal(t, failed, w.ended(nobodys.GetId(), 1)[received].GetStatus())
		require.Equal(t, sent, w.ended(good.GetId(), 1)[received].GetStatus())
		require.Zero(t, w.waiting(), "none of it is a poison message")
	})
}

// waiting is how many messages were put off or are dead letters.
func (w world) waiting() (count int) {
	w.t.Helper()
	require.NoError(w.t, w.DB.Read(w.t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM deferred) + (SELECT COUNT(*) FROM dead_letters)`).Scan(&count)
	}))
	return count
}

func TestAnOrderWithoutATotalIsToldAllTheSame(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		o := order(w.customer().GetId())
		o.Total = nil
		w.tell(&orderingv1.OrderCreated{Order: o})
		require.Contains(t, w.ended(o.GetId(), 1)[received].GetText(), "received your order")
	})
}

func TestAnEventWithoutAnOrderIsPutAside(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.tell(&orderingv1.OrderCreated{}, &orderingv1.OrderReadied{Order: &orderingv1.Order{CustomerId: id.UUIDv7()}})
		require.Empty(t, w.list(&notificationsv1.ListNotificationsRequest{}))
		require.Equal(t, 2, w.waiting())
	})
}

func TestNotificationsAreListedByCustomerAndOrderNewestFirst(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		ada, bob := w.customer().GetId(), w.customer().GetId()
		var adas, all []string
		for i := range 7 {
			customer := ada
			if i%3 == 2 {
				customer = bob
			}
			o := order(customer)
			w.tell(&orderingv1.OrderCreated{Order: o})
			one := w.list(&notificationsv1.ListNotificationsRequest{OrderId: o.GetId()})
			require.Len(t, one, 1)
			all = append([]string{one[0].GetId()}, all...)
			if customer == ada {
				adas = append([]string{one[0].GetId()}, adas...)
				require.Len(t, w.list(&notificationsv1.ListNotificationsRequest{OrderId: o.GetId(), CustomerId: ada}), 1)
				require.Empty(t, w.list(&notificationsv1.ListNotificationsRequest{OrderId: o.GetId(), CustomerId: bob}))
			}
		}
		require.Equal(t, all, w.pages(&notificationsv1.ListNotificationsRequest{PageSize: 3}, 3))
		require.Equal(t, adas, w.pages(&notificationsv1.ListNotificationsRequest{PageSize: 2, CustomerId: ada}, 3))
		require.Empty(t, w.list(&notificationsv1.ListNotificationsRequest{CustomerId: id.UUIDv7()}))
	})
}

// pages gives the ids of all notifications, page by page, and requires how many pages there are.
func (w world) pages(req *notificationsv1.ListNotificationsRequest, want int) (ids []string) {
	w.t.Helper()
	for pages := 1; ; pages++ {
		resp, err := w.api.ListNotifications(w.t.Context(), req)
		require.NoError(w.t, err)
		for _, n := range resp.GetNotifications() {
			ids = append(ids, n.GetId())
		}
		if resp.GetNextPageToken() == "" {
			require.Equal(w.t, want, pages)
			return ids
		}
		req.PageToken = resp.GetNextPageToken()
	}
}

func TestBadInputIsNamed(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		for field, req := range map[string]*notificationsv1.ListNotificationsRequest{
			"customer_id": {CustomerId: "ada"},
			"order_id":    {OrderId: "order"},
			"page_size":   {PageSize: 101},
		} {
			_, err := w.api.ListNotifications(t.Context(), req)
			refusal, ok := fault.As(rpc.FromStatus(err))
			require.True(t, ok, "%v", err)
			require.Equal(t, fault.InvalidFieldReason, refusal.Reason)
			require.Equal(t, field, refusal.Fields[0].Name)
		}
		_, err := w.api.ListNotifications(t.Context(), &notificationsv1.ListNotificationsRequest{PageToken: "x"})
		require.Equal(t, rpc.ReasonInvalidPageToken, rpc.Reason(err))
	})
}
