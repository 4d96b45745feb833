package ordering_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/message"
	"mallbots.example/services/internal/topics"
)

// lastTold is the last message on the stream of orders.
func (m mall) lastTold() proto.Message {
	m.t.Helper()
	told := m.SentTo(topics.OrderingEvents)
	require.NotEmpty(m.t, told)
	return told[len(told)-1]
}

func TestAnOrderEndsThatCantBeHadAnyMore(t *testing.T) {
	for name, test := range map[string]struct {
		until func(m mall, order, list, invoice string)
		end   func(m mall, order, list, invoice string)
		want  *orderingv1.OrderCancelRequested
	}{
		"list given up before a bot had it": {
			func(mall, string, string, string) {},
			func(m mall, order, list, _ string) { m.list(order, list, givenUp) },
			&orderingv1.OrderCancelRequested{
				StatusBefore: orderingv1.OrderStatus_ORDER_STATUS_APPROVED,
				Cause:        orderingv1.CancelCause_CANCEL_CAUSE_SHOPPING_LIST_GIVEN_UP,
			},
		},
		"list given up by its bot": {
			func(m mall, order, list, _ string) { m.list(order, list, assigned) },
			func(m mall, order, list, _ string) { m.list(order, list, givenUp) },
			&orderingv1.OrderCancelRequested{
				StatusBefore: orderingv1.OrderStatus_ORDER_STATUS_IN_PROGRESS,
				Cause:        orderingv1.CancelCause_CANCEL_CAUSE_SHOPPING_LIST_GIVEN_UP,
			},
		},
		"list given up after a cancel was refused": {
			func(m mall, order, list, _ string) {
				m.cancel(order)
				m.ask(order, &orderingv1.RefuseCancel{OrderId: order, Reason: "LIST_ASSIGNED"})
				m.list(order, list, assigned)
			},
			func(m mall, order, list, _ string) { m.list(order, list, givenUp) },
			&orderingv1.OrderCancelRequested{
				StatusBefore: orderingv1.OrderStatus_ORDER_STATUS_IN_PROGRESS,
				Cause:        orderingv1.CancelCause_CANCEL_CAUSE_SHOPPING_LIST_GIVEN_UP,
			},
		},
		"invoice canceled": {
			func(m mall, order, list, invoice string) {
				m.list(order, list, completed)
				m.invoice(order, invoice, invoiced)
			},
			func(m mall, order, _, invoice string) { m.invoice(order, invoice, unpaid) },
			&orderingv1.OrderCancelRequested{
				StatusBefore: orderingv1.OrderStatus_ORDER_STATUS_READY, Cause: orderingv1.CancelCause_CANCEL_CAUSE_INVOICE_CANCELED,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, m mall) {
				order, invoice := m.checkOut(id.UUIDv7()), id.UUIDv7()
				list := m.approve(order)
				test.until(m, order, list, invoice)
				test.end(m, order, list, invoice)
				canceling := m.get(order)
				require.Equal(t, orderingv1.OrderStatus_ORDER_STATUS_CANCELING, canceling.GetStatus())
				want := proto.Clone(test.want).(*orderingv1.OrderCancelRequested)
				want.Order = canceling
				require.True(t, proto.Equal(want, m.lastTold()), "%v", m.lastTold())

				require.NotNil(t, m.ask(order, &orderingv1.RefuseCancel{OrderId: order, Reason: "LIST_ASSIGNED"}).GetSucceeded())
				test.end(m, order, list, invoice)
				require.True(t, proto.Equal(canceling, m.get(order)), "nothing takes it out of that")
				require.NotNil(t, m.ask(order, &orderingv1.ConfirmCancel{OrderId: order}).GetSucceeded())
				require.True(t, proto.Equal(&orderingv1.OrderCanceled{Order: m.get(order)}, m.lastTold()), "%v", m.lastTold())
				test.end(m, order, list, invoice)
				require.Equal(t, orderingv1.OrderStatus_ORDER_STATUS_CANCELED, m.get(order).GetStatus())
				require.Zero(t, m.putOff())
			})
		})
	}
}

func TestAPendingOrderWhoseListIsGivenUpIsNotApproved(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		order, list := m.checkOut(id.UUIDv7()), id.UUIDv7()
		m.list(order, list, givenUp)
		failed := m.ask(order, &orderingv1.ApproveOrder{OrderId: order, ShoppingListId: list}).GetFailed()
		require.Equal(t, "ORDER_CANCELING", failed.GetReason())
		require.NotNil(t, m.ask(order, &orderingv1.RejectOrder{OrderId: order, Reason: "ORDER_CANCELING"}).GetSucceeded())
		require.Equal(t, orderingv1.OrderStatus_ORDER_STATUS_CANCELED, m.get(order).GetStatus())
	})
}

// The saga that undoes a rejected order cancels its list before the order hears of the rejection.
func TestAListThatASagaCanceledCancelsNoOrder(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		order := m.checkOut(id.UUIDv7())
		m.list(order, id.UUIDv7(), canceled)
		require.NotNil(t, m.ask(order, &orderingv1.RejectOrder{OrderId: order, Reason: "PAYMENT_IN_USE"}).GetSucceeded())
		require.Equal(t, orderingv1.OrderStatus_ORDER_STATUS_REJECTED, m.get(order).GetStatus())
		m.list(order, id.UUIDv7(), canceled)
		require.Len(t, m.SentTo(topics.OrderingEvents), 2)
	})
}

// A list that a bot takes and gives up while its customer asks to cancel, and is refused: each message up to three times, in any order.
func TestAnOrderThatIsGivenUpWhileACancelIsRefusedEndsInAnyOrder(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		for seed := range uint64(20) {
			random := rand.New(rand.NewPCG(seed, 1))
			order := m.checkOut(id.UUIDv7())
			list := m.approve(order)
			m.cancel(order)
			var deliveries []func()
			for _, deliver := range []func(){
				func() { m.list(order, list, assigned) },
				func() { m.list(order, list, givenUp) },
				func() { m.ask(order, &orderingv1.RefuseCancel{OrderId: order, Reason: "LIST_ASSIGNED"}) },
			} {
				for range 1 + random.IntN(3) {
					deliveries = append(deliveries, deliver)
				}
			}
			random.Shuffle(len(deliveries), func(i, j int) { deliveries[i], deliveries[j] = deliveries[j], deliveries[i] })
			for _, deliver := range deliveries {
				deliver()
			}
			require.Equal(t, orderingv1.OrderStatus_ORDER_STATUS_CANCELING, m.get(order).GetStatus(), "seed %d", seed)
			begun := 0
			for _, out := range m.Sent() {
				if out.Meta.Subject == order && message.TypeOf(out.Body) == "mallbots.ordering.v1.OrderCancelRequested" {
					begun++
				}
			}
			require.Equal(t, 2, begun, "seed %d: the customer's, and that of the depot once", seed)
		}
	})
}
