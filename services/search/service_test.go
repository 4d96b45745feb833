package search_test

import (
	"testing"

	"mallbots.example/pkg/service/servicetest"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	customersv1 "mallbots.example/api/mallbots/customers/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	searchv1 "mallbots.example/api/mallbots/search/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/message"
	"mallbots.example/services/internal/topics"
)

func TestAnOrderIsShownAsTheLastEventTellsIt(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		o := order(w.customer("Ada"), 0, line("Tea", "Pantry", 450), line(`"Pot" <ü> \ '%`, "Kiln", 1200))
		for i, where := range []orderingv1.OrderStatus{pending, approved, started, ready, completed} {
			o = later(o, int64(i+1), where)
			w.tell(o)
			w.shows(o, "Ada")
		}
		require.Empty(t, w.Sent(), "nobody else is told")
	})
}

func TestEveryEventAboutOrdersIsShown(t *testing.T) {
	each(t, func(_ *testing.T, w world) {
		ada := w.customer("Ada")
		for _, where := range []orderingv1.OrderStatus{pending, approved, started, ready, completed, rejected, canceling, canceled} {
			o := later(order(ada, 0, line("Tea", "Pantry", 450)), 3, where)
			w.tell(o)
			w.shows(o, "Ada")
		}
	})
}

func TestEventsInAnyOrderAndNumberLeaveTheNewest(t *testing.T) {
	for name, versions := range map[string][]int64{
		"in order":         {1, 2, 3},
		"backwards":        {3, 2, 1},
		"the newest first": {3, 1, 2},
		"some missing":     {3},
		"several copies":   {1, 1, 3, 2, 3, 1},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w world) {
				o := order(w.customer("Ada"), 0, line("Tea", "Pantry", 450))
				told := map[int64]*orderingv1.Order{1: o, 2: later(o, 2, approved), 3: later(o, 3, started)}
				for _, version := range versions {
					w.tell(told[version])
				}
				w.shows(told[3], "Ada")
				require.Equal(t, ids(o), ids(w.search(&searchv1.SearchOrdersRequest{})...))
				require.Zero(t, w.waiting())
			})
		})
	}
}

func TestACopyOfAMessageChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		o := order(w.customer("Ada"), 0, line("Tea", "Pantry", 450))
		for range 3 {
			w.Deliver(topics.OrderingEvents, message.Meta{ID: "one", Subject: o.GetId()}, event(o))
		}
		w.shows(o, "Ada")
		resp, err := w.api.RebuildOrders(t.Context(), &searchv1.RebuildOrdersRequest{})
		require.NoError(t, err)
		require.EqualValues(t, 1, resp.GetEventCount())
	})
}

func TestTheSameVersionWithOtherWordsChangesNothing(t *testing.T) {
	each(t, func(_ *testing.T, w world) {
		o := order(w.customer("Ada"), 0, line("Tea", "Pantry", 450))
		w.tell(o, later(o, 1, canceled))
		w.shows(o, "Ada")
	})
}

func TestACustomerWhoseEventHasNotComeIsAskedFor(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		bob := id.UUIDv7()
		w.customers.Know(&customersv1.Customer{Id: bob, Name: "Bob", SmsNumber: "+12025550123", Version: 1})
		o := order(bob, 0, line("Tea", "Pantry", 450))
		w.tell(o, later(o, 2, approved))
		w.shows(later(o, 2, approved), "Bob")
		require.Equal(t, []string{bob}, w.customers.Asked(), "once")
		require.Equal(t, ids(o), ids(w.search(&searchv1.SearchOrdersRequest{Text: "bob"})...))
	})
}

func TestAStrangerHasNoNameAndHoldsUpNobody(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		strange, nobodys := order(id.UUIDv7(), 0, line("Tea", "Pantry", 450)), order("", 1)
		w.tell(strange, nobodys)
		w.shows(strange, "")
		w.shows(nobodys, "")
		require.Equal(t, ids(strange), ids(w.search(&searchv1.SearchOrdersRequest{Text: "tea"})...))
		require.Zero(t, w.waiting())

		// Whom nobody knew has a name as soon as it is told.
		w.Event(topics.CustomersEvents, strange.GetCustomerId(), &customersv1.CustomerEnabled{
			Customer: &customersv1.Customer{Id: strange.GetCustomerId(), Name: "Eve", Version: 2},
		})
		w.shows(strange, "Eve")
	})
}

func TestAnOrderWaitsWhileCustomersIsAway(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		bob := id.UUIDv7()
		w.customers.Fail(status.Error(codes.Internal, "broken"))
		o := order(bob, 0, line("Tea", "Pantry", 450))
		w.tell(o)
		require.Equal(t, 1, w.waiting(), "it is tried again later")
		_, err := w.api.GetOrder(t.Context(), &searchv1.GetOrderRequest{Id: o.GetId()})
		servicetest.RequireReason(t, err, fault.NotFound, "ORDER_NOT_FOUND")
	})
}

func TestAnUnknownOrderIsNotFound(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		_, err := w.api.GetOrder(t.Context(), &searchv1.GetOrderRequest{Id: id.UUIDv7()})
		servicetest.RequireReason(t, err, fault.NotFound, "ORDER_NOT_FOUND")
		_, err = w.api.GetOrder(t.Context(), &searchv1.GetOrderRequest{Id: "order"})
		servicetest.RequireReason(t, err, fault.Invalid, fault.InvalidFieldReason)
	})
}

func TestWhatIsNoOrderIsPutAside(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		noID, noVersion, noTotal := order("", 0), order("", 0), order("", 0)
		noID.Id, noVersion.Version, noTotal.Total = "", 0, nil
		events := []proto.Message{&orderingv1.OrderCreated{}, event(noID), event(noVersion), event(noTotal)}
		for _, e := range events {
			w.Event(topics.OrderingEvents, "any", e)
		}
		require.Equal(t, len(events), w.waiting())
		require.Empty(t, w.search(&searchv1.SearchOrdersRequest{}))
	})
}
