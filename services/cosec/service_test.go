package cosec_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	customersv1 "mallbots.example/api/mallbots/customers/v1"
	depotv1 "mallbots.example/api/mallbots/depot/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	sagav1 "mallbots.example/api/mallbots/saga/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/service/servicetest"
	"mallbots.example/services/cosec"
	"mallbots.example/services/internal/topics"
)

// run drives one order's saga: the test answers each command as the services would.
type run struct {
	t     *testing.T
	h     *servicetest.Harness
	order *orderingv1.Order
	next  int // of the messages sent, the next to look at
}

func newRun(t *testing.T, h *servicetest.Harness) *run {
	order := &orderingv1.Order{
		Id: id.UUIDv7(), CustomerId: id.UUIDv7(), PaymentId: id.UUIDv7(), Version: 1,
		Items: []*orderingv1.OrderItem{
			{ProductId: id.UUIDv7(), StoreId: id.UUIDv7(), Quantity: 2},
			{ProductId: id.UUIDv7(), StoreId: id.UUIDv7(), Quantity: 1},
		},
		Total: &typev1.Money{CurrencyCode: "USD", MinorUnits: 1234},
	}
	return &run{t: t, h: h, order: order}
}

func (r *run) create() {
	r.h.Event(topics.OrderingEvents, r.order.GetId(), &orderingv1.OrderCreated{Order: r.order})
}

// cancel asks to cancel the order; without a cause as ordering did before there were any.
func (r *run) cancel(before orderingv1.OrderStatus, cause ...orderingv1.CancelCause) {
	requested := &orderingv1.OrderCancelRequested{Order: r.order, StatusBefore: before}
	if len(cause) > 0 {
		requested.Cause = cause[0]
	}
	r.h.Event(topics.OrderingEvents, r.order.GetId(), requested)
}

// giveBack answers the steps that every cancel ends with.
func (r *run) giveBack() {
	r.t.Helper()
	orderID := r.order.GetId()
	r.succeed(r.expect(topics.PaymentsCommands, &paymentsv1.VoidPayment{OrderId: orderID, PaymentId: r.order.GetPaymentId()}), nil)
	r.succeed(r.expect(topics.StoresCommands, &storesv1.ReleaseStock{OrderId: orderID}), nil)
	r.succeed(r.expect(topics.OrderingCommands, &orderingv1.ConfirmCancel{OrderId: orderID}), nil)
}

// expect checks the next command and gives it.
func (r *run) expect(topic string, body proto.Message) message.Outgoing {
	r.t.Helper()
	sent := r.h.Sent()
	require.Greater(r.t, len(sent), r.next, "%s was not sent", message.TypeOf(body))
	out := sent[r.next]
	r.next++
	require.Equal(r.t, topic, out.Topic)
	require.Truef(r.t, proto.Equal(body, out.Body), "want %s %v\ngot %s %v", message.TypeOf(body), body, message.TypeOf(out.Body), out.Body)
	require.Equal(r.t, r.order.GetId(), out.Meta.Subject)
	require.Equal(r.t, topics.CosecReplies, out.Meta.ReplyTo)
	return out
}

func (r *run) reply(to message.Outgoing, reply *sagav1.CommandReply) {
	r.t.Helper()
	r.h.Deliver(topics.CosecReplies, message.Meta{
		Subject: to.Meta.Subject, CommandID: to.Meta.CommandID, Saga: to.Meta.Saga, SagaID: to.Meta.SagaID, SagaStep: to.Meta.SagaStep,
	}, reply)
}

func (r *run) succeed(to message.Outgoing, data proto.Message) {
	r.t.Helper()
	outcome := &sagav1.Succeeded{}
	if data != nil {
		packed, err := anypb.New(data)
		require.NoError(r.t, err)
		outcome.Data = packed
	}
	r.reply(to, &sagav1.CommandReply{Outcome: &sagav1.CommandReply_Succeeded{Succeeded: outcome}})
}

func (r *run) fail(to message.Outgoing, reason string) {
	r.t.Helper()
	r.reply(to, &sagav1.CommandReply{Outcome: &sagav1.CommandReply_Failed{Failed: &sagav1.Failed{Reason: reason}}})
}

func (r *run) ended() {
	r.t.Helper()
	require.Len(r.t, r.h.Sent(), r.next, "nothing more is sent")
}

// step is one action of the saga as the services see it: what is sent, what a success carries, and what undoes it.
type step struct {
	topic  string
	action proto.Message
	data   proto.Message
	undo   proto.Message
}

func (r *run) createSteps() []step {
	o := r.order
	reserve := &storesv1.ReserveStock{OrderId: o.GetId()}
	list := &depotv1.CreateShoppingList{OrderId: o.GetId()}
	for _, item := range o.GetItems() {
		reserve.Items = append(reserve.Items,
			&storesv1.ReserveStockItem{ProductId: item.GetProductId(), StoreId: item.GetStoreId(), Quantity: item.GetQuantity()})
		list.Items = append(list.Items,
			&depotv1.CreateShoppingListItem{ProductId: item.GetProductId(), StoreId: item.GetStoreId(), Quantity: item.GetQuantity()})
	}
	return []step{
		{topics.CustomersCommands, &customersv1.AuthorizeCustomer{OrderId: o.GetId(), CustomerId: o.GetCustomerId()}, nil, nil},
		{topics.StoresCommands, reserve, nil, &storesv1.ReleaseStock{OrderId: o.GetId()}},
		{topics.DepotCommands, list, &depotv1.CreateShoppingListResult{ShoppingListId: "list"}, &depotv1.CancelShoppingList{OrderId: o.GetId()}},
		{topics.PaymentsCommands, &paymentsv1.ConfirmPayment{
			OrderId: o.GetId(), PaymentId: o.GetPaymentId(), CustomerId: o.GetCustomerId(), Amount: o.GetTotal(),
		}, nil, &paymentsv1.VoidPayment{OrderId: o.GetId(), PaymentId: o.GetPaymentId()}},
		{topics.OrderingCommands, &orderingv1.ApproveOrder{OrderId: o.GetId(), ShoppingListId: "list"}, nil, nil},
		{topics.DepotCommands, &depotv1.InitiateShopping{OrderId: o.GetId()}, nil, nil},
	}
}

// sagaPatience is longer than any deadline or pause of a step.
const sagaPatience = 2 * time.Minute

func each(t *testing.T, test func(t *testing.T, r *run)) {
	servicetest.Each(t, cosec.Service(), nil, func(t *testing.T, h *servicetest.Harness) { test(t, newRun(t, h)) })
}

func TestAnOrderIsCheckedApprovedAndThenShoppedFor(t *testing.T) {
	each(t, func(t *testing.T, r *run) {
		r.create()
		for _, s := range r.createSteps() {
			r.succeed(r.expect(s.topic, s.action), s.data)
		}
		r.ended()
	})
}

func TestWhateverIsRefusedIsUndoneInReverse(t *testing.T) {
	names := []string{"customer", "stock", "list", "payment", "approval"}
	for failing, name := range names {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, r *run) {
				r.create()
				steps := r.createSteps()
				for _, s := range steps[:failing] {
					r.succeed(r.expect(s.topic, s.action), s.data)
				}
				r.fail(r.expect(steps[failing].topic, steps[failing].action), "SOME_REASON")
				for i := failing - 1; i >= 0; i-- {
					if steps[i].undo != nil {
						r.succeed(r.expect(steps[i].topic, steps[i].undo), nil)
					}
				}
				r.succeed(r.expect(topics.OrderingCommands, &orderingv1.RejectOrder{OrderId: r.order.GetId(), Reason: "SOME_REASON"}), nil)
				r.ended()
			})
		})
	}
}

func TestShoppingIsInitiatedUntilItSucceeds(t *testing.T) {
	each(t, func(t *testing.T, r *run) {
		r.create()
		steps := r.createSteps()
		last := len(steps) - 1
		for _, s := range steps[:last] {
			r.succeed(r.expect(s.topic, s.action), s.data)
		}
		r.fail(r.expect(steps[last].topic, steps[last].action), "SOME_REASON")
		r.h.Clock.Advance(sagaPatience)
		r.h.Await(func(out message.Outgoing) bool { return len(r.h.Sent()) > r.next && out.Topic == topics.DepotCommands })
		r.succeed(r.expect(steps[last].topic, steps[last].action), nil)
		r.ended()
	})
}

func TestCopiesOfEventsAndRepliesChangeNothing(t *testing.T) {
	each(t, func(t *testing.T, r *run) {
		r.create()
		r.create()
		for _, s := range r.createSteps() {
			command := r.expect(s.topic, s.action)
			r.succeed(command, s.data)
			r.succeed(command, s.data)
			r.fail(command, "LATE")
		}
		r.create()
		r.ended()
	})
}

func TestAnApprovedOrderIsCanceledStepByStep(t *testing.T) {
	each(t, func(t *testing.T, r *run) {
		orderID := r.order.GetId()
		r.cancel(orderingv1.OrderStatus_ORDER_STATUS_APPROVED, orderingv1.CancelCause_CANCEL_CAUSE_CUSTOMER)
		r.succeed(r.expect(topics.DepotCommands, &depotv1.CancelShoppingList{OrderId: orderID, OnlyIfUnassigned: true}), nil)
		r.giveBack()
		r.ended()
	})
}

func TestAnOrderThatABotCollectsGoesOn(t *testing.T) {
	each(t, func(t *testing.T, r *run) {
		orderID := r.order.GetId()
		r.cancel(orderingv1.OrderStatus_ORDER_STATUS_APPROVED)
		r.fail(r.expect(topics.DepotCommands, &depotv1.CancelShoppingList{OrderId: orderID, OnlyIfUnassigned: true}), "LIST_ASSIGNED")
		r.succeed(r.expect(topics.OrderingCommands, &orderingv1.RefuseCancel{OrderId: orderID, Reason: "LIST_ASSIGNED"}), nil)
		r.ended()
	})
}

func TestACancelOfAPendingOrderIsLeftToTheSagaThatCreatesIt(t *testing.T) {
	each(t, func(_ *testing.T, r *run) {
		r.cancel(orderingv1.OrderStatus_ORDER_STATUS_PENDING)
		r.cancel(orderingv1.OrderStatus_ORDER_STATUS_PENDING, orderingv1.CancelCause_CANCEL_CAUSE_SHOPPING_LIST_GIVEN_UP)
		r.ended()
	})
}

func TestAnOrderThatCantBeHadGivesBackWhatItHoldsAndNobodyIsAsked(t *testing.T) {
	for name, test := range map[string]struct {
		before orderingv1.OrderStatus
		cause  orderingv1.CancelCause
	}{
		"list given up before a bot had it": {orderingv1.OrderStatus_ORDER_STATUS_APPROVED, orderingv1.CancelCause_CANCEL_CAUSE_SHOPPING_LIST_GIVEN_UP},
		"list given up by a bot":            {orderingv1.OrderStatus_ORDER_STATUS_IN_PROGRESS, orderingv1.CancelCause_CANCEL_CAUSE_SHOPPING_LIST_GIVEN_UP},
		"invoice canceled":                  {orderingv1.OrderStatus_ORDER_STATUS_READY, orderingv1.CancelCause_CANCEL_CAUSE_INVOICE_CANCELED},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(_ *testing.T, r *run) {
				r.cancel(test.before, test.cause)
				r.cancel(test.before, test.cause)
				r.giveBack()
				r.cancel(test.before, test.cause)
				r.ended()
			})
		})
	}
}

func TestAnOrderWhoseCancelWasRefusedCanStillEnd(t *testing.T) {
	each(t, func(_ *testing.T, r *run) {
		orderID := r.order.GetId()
		r.cancel(orderingv1.OrderStatus_ORDER_STATUS_APPROVED, orderingv1.CancelCause_CANCEL_CAUSE_CUSTOMER)
		r.fail(r.expect(topics.DepotCommands, &depotv1.CancelShoppingList{OrderId: orderID, OnlyIfUnassigned: true}), "LIST_ASSIGNED")
		r.succeed(r.expect(topics.OrderingCommands, &orderingv1.RefuseCancel{OrderId: orderID, Reason: "LIST_ASSIGNED"}), nil)
		r.cancel(orderingv1.OrderStatus_ORDER_STATUS_IN_PROGRESS, orderingv1.CancelCause_CANCEL_CAUSE_SHOPPING_LIST_GIVEN_UP)
		r.giveBack()
		r.ended()
	})
}

func TestAStepThatNobodyAnswersIsUndoneToo(t *testing.T) {
	each(t, func(t *testing.T, r *run) {
		r.create()
		steps := r.createSteps()
		r.succeed(r.expect(steps[0].topic, steps[0].action), nil)
		for range 3 {
			r.expect(steps[1].topic, steps[1].action)
			r.h.Clock.Advance(sagaPatience)
			r.h.Await(func(message.Outgoing) bool { return len(r.h.Sent()) > r.next })
		}
		r.succeed(r.expect(steps[1].topic, steps[1].undo), nil)
		r.succeed(r.expect(topics.OrderingCommands, &orderingv1.RejectOrder{OrderId: r.order.GetId(), Reason: "NO_REPLY"}), nil)
		r.ended()
	})
}
