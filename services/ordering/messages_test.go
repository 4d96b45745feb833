package ordering_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	depotv1 "mallbots.example/api/mallbots/depot/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	sagav1 "mallbots.example/api/mallbots/saga/v1"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
	"mallbots.example/services/internal/topics"
)

// putOff is how many messages wait to be tried again.
func (m mall) putOff() (n int) {
	m.t.Helper()
	require.NoError(m.t, m.DB.Read(m.t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM deferred`).Scan(&n)
	}))
	return n
}

func TestACompletedListThatOvertakesItsAssignmentStandsForBoth(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		order := m.checkOut(id.UUIDv7())
		list := m.approve(order)
		m.list(order, list, completed)
		ready := m.get(order)
		require.Equal(t, orderingv1.OrderStatus_ORDER_STATUS_READY, ready.GetStatus())
		require.EqualValues(t, 4, ready.GetVersion())
		told := m.SentTo(topics.OrderingEvents)
		require.Len(t, told, 4)
		started := proto.Clone(ready).(*orderingv1.Order)
		started.Status, started.Version = orderingv1.OrderStatus_ORDER_STATUS_IN_PROGRESS, 3
		require.True(t, proto.Equal(&orderingv1.OrderShoppingStarted{Order: started}, told[2]), "%v", told[2])
		require.True(t, proto.Equal(&orderingv1.OrderReadied{Order: ready}, told[3]), "%v", told[3])

		m.list(order, list, assigned)
		require.True(t, proto.Equal(ready, m.get(order)), "the late message changes nothing")
		require.Len(t, m.SentTo(topics.OrderingEvents), 4)
		require.Zero(t, m.putOff())
	})
}

func TestAPaidInvoiceThatOvertakesItsCreationCompletesTheOrder(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		order, invoice := m.checkOut(id.UUIDv7()), id.UUIDv7()
		m.list(order, m.approve(order), completed)
		m.invoice(order, invoice, paid)
		done := m.get(order)
		require.Equal(t, orderingv1.OrderStatus_ORDER_STATUS_COMPLETED, done.GetStatus())
		require.Equal(t, invoice, done.GetInvoiceId())
		m.invoice(order, invoice, invoiced)
		require.True(t, proto.Equal(done, m.get(order)))
	})
}

func TestNewsThatIsNoneOfOrderingsChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		order := m.checkOut(id.UUIDv7())
		list := m.approve(order)
		before := m.get(order)
		m.list(order, list, func(l *depotv1.ShoppingList) proto.Message { return &depotv1.ShoppingListAvailable{ShoppingList: l} })
		m.list(order, list, canceled) // by a saga, which sees to the order
		payment := &paymentsv1.Payment{Id: id.UUIDv7(), OrderId: order}
		for _, event := range []proto.Message{
			&paymentsv1.PaymentAuthorized{Payment: payment}, &paymentsv1.PaymentConfirmed{Payment: payment}, &paymentsv1.PaymentVoided{Payment: payment},
		} {
			m.Event(topics.PaymentsEvents, payment.GetId(), event)
		}
		require.True(t, proto.Equal(before, m.get(order)))
		require.Zero(t, m.putOff())
	})
}

func TestMessagesThatOvertakeTheirOrderWaitForIt(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		basket, list, invoice, commandID := basketOf(id.UUIDv7()), id.UUIDv7(), id.UUIDv7(), id.UUIDv7()
		order := basket.GetId()
		m.invoice(order, invoice, paid)
		m.list(order, list, assigned)
		m.Deliver(topics.OrderingCommands, message.Meta{Subject: order, ReplyTo: "replies", CommandID: commandID},
			&orderingv1.RefuseCancel{OrderId: order, Reason: "LIST_ASSIGNED"})
		require.Equal(t, 3, m.putOff())
		require.Empty(t, m.Sent(), "no failure is answered: it is no refusal")

		m.Event(topics.BasketsEvents, order, &basketsv1.BasketCheckedOut{Basket: basket})
		m.Clock.Advance(time.Second)
		reply := m.Await(func(out message.Outgoing) bool { return out.Meta.CommandID == commandID })
		require.NotNil(t, reply.Body.(*sagav1.CommandReply).GetSucceeded())
		m.Await(func(out message.Outgoing) bool {
			return message.TypeOf(out.Body) == "mallbots.ordering.v1.OrderShoppingStarted"
		})
		require.Equal(t, list, m.get(order).GetShoppingListId())

		m.Clock.Advance(time.Minute) // the payment may have been tried before the list was there
		m.Await(func(out message.Outgoing) bool {
			return message.TypeOf(out.Body) == "mallbots.ordering.v1.OrderCompleted"
		})
		done := m.get(order)
		require.Equal(t, invoice, done.GetInvoiceId())
		require.Zero(t, m.putOff())
	})
}

func TestABasketThatCanBeNoOrderIsPutAsideAndStopsNobody(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		free, empty := basketOf(id.UUIDv7()), basketOf(id.UUIDv7())
		free.Items[0].Price = nil
		empty.Items = nil
		for _, basket := range []*basketsv1.Basket{free, empty} {
			m.Event(topics.BasketsEvents, basket.GetId(), &basketsv1.BasketCheckedOut{Basket: basket})
		}
		require.Equal(t, 2, m.putOff())
		require.Empty(t, m.Sent())
		m.get(m.checkOut(id.UUIDv7()))
	})
}

// A whole life, each message up to three times, in any order: the same order at the end, and each change told once.
func TestALifeInAnyOrderEndsTheSame(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		for seed := range uint64(20) {
			random := rand.New(rand.NewPCG(seed, 1))
			order, list, invoice := m.checkOut(id.UUIDv7()), id.UUIDv7(), id.UUIDv7()
			approve := func() { m.ask(order, &orderingv1.ApproveOrder{OrderId: order, ShoppingListId: list}) }
			if seed%2 == 1 {
				approve() // and a cancel that is too late
				m.cancel(order)
			}
			life := []func(){
				approve,
				func() { m.list(order, list, assigned) },
				func() { m.list(order, list, completed) },
			}
			if seed%2 == 1 {
				life = append(life, func() { m.ask(order, &orderingv1.RefuseCancel{OrderId: order, Reason: "LIST_ASSIGNED"}) })
			}
			var deliveries []func()
			for _, deliver := range life {
				for range 1 + random.IntN(3) {
					deliveries = append(deliveries, deliver)
				}
			}
			if seed%4 > 1 {
				m.list(order, list, assigned) // so that none of the rest has to wait for the list
				deliveries = append(deliveries, func() { m.invoice(order, invoice, paid) }, func() { m.invoice(order, invoice, invoiced) })
			}
			random.Shuffle(len(deliveries), func(i, j int) { deliveries[i], deliveries[j] = deliveries[j], deliveries[i] })
			for _, deliver := range deliveries {
				deliver()
			}

			end := m.get(order)
			require.Equal(t, list, end.GetShoppingListId())
			if seed%4 > 1 {
				require.Equal(t, orderingv1.OrderStatus_ORDER_STATUS_COMPLETED, end.GetStatus())
				require.Equal(t, invoice, end.GetInvoiceId())
			} else {
				require.Equal(t, orderingv1.OrderStatus_ORDER_STATUS_READY, end.GetStatus())
			}
			told := map[string]int{}
			for _, out := range m.Sent() {
				if out.Topic == topics.OrderingEvents && out.Meta.Subject == order {
					told[message.TypeOf(out.Body)]++
				}
			}
			require.Equal(t, 1, told["mallbots.ordering.v1.OrderShoppingStarted"], "seed %d: %v", seed, told)
			require.Equal(t, 1, told["mallbots.ordering.v1.OrderReadied"], "seed %d: %v", seed, told)
		}
		require.Zero(t, m.putOff())
	})
}
