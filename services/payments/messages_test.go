package payments_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
	"mallbots.example/pkg/id"
	"mallbots.example/services/internal/topics"
)

func TestAConfirmedPaymentIsBoundToItsOrder(t *testing.T) {
	each(t, func(t *testing.T, m *mall) {
		payment := m.authorize(id.UUIDv7(), 2000)
		order := orderFor(payment)
		require.NotNil(t, m.confirm(order).GetSucceeded(), "it is just enough")
		confirmed := m.payment(payment.GetId())
		require.Equal(t, paymentsv1.PaymentStatus_PAYMENT_STATUS_CONFIRMED, confirmed.GetStatus())
		require.Equal(t, order.GetId(), confirmed.GetOrderId())
		require.EqualValues(t, 2, confirmed.GetVersion())
		m.requireLastEvent(&paymentsv1.PaymentConfirmed{Payment: confirmed})

		require.NotNil(t, m.confirm(order).GetSucceeded(), "a repeat has the same answer")
		require.True(t, proto.Equal(confirmed, m.payment(payment.GetId())))
		require.Len(t, m.SentTo(topics.PaymentsEvents), 2, "and tells nothing")
	})
}

func TestAPaymentThatCannotPayTheOrderIsRefused(t *testing.T) {
	each(t, func(t *testing.T, m *mall) {
		for reason, test := range map[string]struct {
			change  func(*orderingv1.Order)
			prepare func(*paymentsv1.Payment)
		}{
			"PAYMENT_NOT_FOUND":         {change: func(o *orderingv1.Order) { o.PaymentId = id.UUIDv7() }},
			"PAYMENT_OF_OTHER_CUSTOMER": {change: func(o *orderingv1.Order) { o.CustomerId = id.UUIDv7() }},
			"PAYMENT_TOO_SMALL":         {change: func(o *orderingv1.Order) { o.Total = usd(2501) }},
			"CURRENCY_MISMATCH":         {change: func(o *orderingv1.Order) { o.Total = &typev1.Money{CurrencyCode: "EUR", MinorUnits: 1} }},
			"INVALID_FIELD":             {change: func(o *orderingv1.Order) { o.Total = nil }},
			"PAYMENT_IN_USE":            {prepare: func(p *paymentsv1.Payment) { require.NotNil(t, m.confirm(orderFor(p)).GetSucceeded()) }},
			"PAYMENT_NOT_AUTHORIZED":    {prepare: func(p *paymentsv1.Payment) { m.void(orderFor(p)) }},
		} {
			t.Run(reason, func(t *testing.T) {
				payment := m.authorize(id.UUIDv7(), 2500)
				order := orderFor(payment)
				if test.prepare != nil {
					test.prepare(payment)
				}
				if test.change != nil {
					test.change(order)
				}
				before, told := m.payment(payment.GetId()), len(m.SentTo(topics.PaymentsEvents))
				require.Equal(t, reason, m.confirm(order).GetFailed().GetReason())
				require.True(t, proto.Equal(before, m.payment(payment.GetId())))
				require.Len(t, m.SentTo(topics.PaymentsEvents), told)
			})
		}
	})
}

func TestAVoidedPaymentIsGivenBackOnce(t *testing.T) {
	each(t, func(t *testing.T, m *mall) {
		payment := m.authorize(id.UUIDv7(), 2500)
		order := orderFor(payment)
		require.NotNil(t, m.confirm(order).GetSucceeded())
		m.void(order)
		voided := m.payment(payment.GetId())
		require.Equal(t, paymentsv1.PaymentStatus_PAYMENT_STATUS_VOIDED, voided.GetStatus())
		m.requireLastEvent(&paymentsv1.PaymentVoided{Payment: voided})
		m.void(order)
		require.True(t, proto.Equal(voided, m.payment(payment.GetId())))
		require.Len(t, m.SentTo(topics.PaymentsEvents), 3)
	})
}

// The saga gives an order up whose ConfirmPayment is still under way: whichever comes first, the payment is given back.
func TestConfirmAndVoidOfOneOrderCommute(t *testing.T) {
	for _, voidFirst := range []bool{false, true} {
		t.Run(fmt.Sprintf("void first: %t", voidFirst), func(t *testing.T) {
			each(t, func(t *testing.T, m *mall) {
				payment := m.authorize(id.UUIDv7(), 2500)
				order := orderFor(payment)
				if voidFirst {
					m.void(order)
					require.Equal(t, "PAYMENT_NOT_AUTHORIZED", m.confirm(order).GetFailed().GetReason(), "the tombstone")
				} else {
					require.NotNil(t, m.confirm(order).GetSucceeded())
					m.void(order)
				}
				require.Equal(t, paymentsv1.PaymentStatus_PAYMENT_STATUS_VOIDED, m.payment(payment.GetId()).GetStatus())
				require.Equal(t, "PAYMENT_NOT_AUTHORIZED", m.confirm(order).GetFailed().GetReason())
			})
		})
	}
}

func TestVoidLeavesAlone(t *testing.T) {
	each(t, func(t *testing.T, m *mall) {
		t.Run("the payment of another order", func(t *testing.T) {
			payment := m.authorize(id.UUIDv7(), 2500)
			require.NotNil(t, m.confirm(orderFor(payment)).GetSucceeded())
			m.void(orderFor(payment))
			require.Equal(t, paymentsv1.PaymentStatus_PAYMENT_STATUS_CONFIRMED, m.payment(payment.GetId()).GetStatus())
		})
		t.Run("what is captured", func(t *testing.T) {
			order, payment, invoice := m.ready()
			_, err := m.PayInvoice(t.Context(), &paymentsv1.PayInvoiceRequest{Id: invoice.GetId()})
			require.NoError(t, err)
			m.void(order)
			require.Equal(t, paymentsv1.PaymentStatus_PAYMENT_STATUS_CAPTURED, m.payment(payment.GetId()).GetStatus())
			require.NotNil(t, m.confirm(order).GetSucceeded(), "captured is more than confirmed")
		})
		t.Run("what is unknown", func(t *testing.T) {
			m.void(orderFor(&paymentsv1.Payment{Id: id.UUIDv7()}))
		})
	})
}

func TestAnOrderThatIsReadyHasOneInvoice(t *testing.T) {
	each(t, func(t *testing.T, m *mall) {
		order := orderFor(&paymentsv1.Payment{Id: id.UUIDv7(), CustomerId: id.UUIDv7()})
		m.readied(order)
		invoices := m.invoicesOf(order.GetId())
		require.Len(t, invoices, 1)
		invoice := invoices[0]
		require.Equal(t, order.GetCustomerId(), invoice.GetCustomerId())
		require.Equal(t, order.GetPaymentId(), invoice.GetPaymentId())
		require.True(t, proto.Equal(order.GetTotal(), invoice.GetAmount()))
		require.Equal(t, paymentsv1.InvoiceStatus_INVOICE_STATUS_PENDING, invoice.GetStatus())
		require.EqualValues(t, 1, invoice.GetVersion())
		require.True(t, proto.Equal(invoice, m.invoice(invoice.GetId())))
		m.requireLastEvent(&paymentsv1.InvoiceCreated{Invoice: invoice})
		require.Equal(t, invoice.GetId(), m.Sent()[0].Meta.Subject)

		m.readied(order) // told again, in a message of its own
		require.Len(t, m.invoicesOf(order.GetId()), 1)
		require.Len(t, m.Sent(), 1)
	})
}

func TestAnOrderThatCameToNothingIsNotToBePaid(t *testing.T) {
	for name, end := range map[string]func(*orderingv1.Order) proto.Message{
		"canceled": func(o *orderingv1.Order) proto.Message { return &orderingv1.OrderCanceled{Order: o} },
		"rejected": func(o *orderingv1.Order) proto.Message { return &orderingv1.OrderRejected{Order: o} },
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, m *mall) {
				t.Run("after it was ready", func(t *testing.T) {
					order, _, invoice := m.ready()
					m.Event(topics.OrderingEvents, order.GetId(), end(order))
					canceled := m.invoice(invoice.GetId())
					require.Equal(t, paymentsv1.InvoiceStatus_INVOICE_STATUS_CANCELED, canceled.GetStatus())
					m.requireLastEvent(&paymentsv1.InvoiceCanceled{Invoice: canceled})
					told := len(m.Sent())
					m.Event(topics.OrderingEvents, order.GetId(), end(order))
					m.readied(order)
					require.True(t, proto.Equal(canceled, m.invoice(invoice.GetId())))
					require.Len(t, m.Sent(), told)
				})
				t.Run("before it was ready", func(t *testing.T) {
					order := orderFor(&paymentsv1.Payment{Id: id.UUIDv7(), CustomerId: id.UUIDv7()})
					told := len(m.Sent())
					m.Event(topics.OrderingEvents, order.GetId(), end(order))
					m.readied(order)
					m.Event(topics.OrderingEvents, order.GetId(), end(order))
					m.readied(order)
					require.Empty(t, m.invoicesOf(order.GetId()))
					require.Len(t, m.Sent(), told)
				})
				t.Run("after it was paid", func(t *testing.T) {
					order, _, invoice := m.ready()
					paid, err := m.PayInvoice(t.Context(), &paymentsv1.PayInvoiceRequest{Id: invoice.GetId()})
					require.NoError(t, err)
					m.Event(topics.OrderingEvents, order.GetId(), end(order))
					require.True(t, proto.Equal(paid.GetInvoice(), m.invoice(invoice.GetId())), "what is paid stays paid")
				})
			})
		})
	}
}

func TestWhatElseHappensToAnOrderIsNoConcernOfPayments(t *testing.T) {
	each(t, func(t *testing.T, m *mall) {
		order, _, invoice := m.ready()
		told := len(m.Sent())
		for _, event := range []proto.Message{
			&orderingv1.OrderCreated{Order: order}, &orderingv1.OrderApproved{Order: order}, &orderingv1.OrderShoppingStarted{Order: order},
			&orderingv1.OrderCompleted{Order: order}, &orderingv1.OrderCancelRequested{Order: order},
		} {
			m.Event(topics.OrderingEvents, order.GetId(), event)
		}
		require.True(t, proto.Equal(invoice, m.invoice(invoice.GetId())))
		require.Len(t, m.Sent(), told)
	})
}

func TestAnEventWithoutAnOrderStandsForNone(t *testing.T) {
	each(t, func(t *testing.T, m *mall) {
		m.readied(&orderingv1.Order{CustomerId: id.UUIDv7(), PaymentId: id.UUIDv7(), Total: usd(1)})
		m.canceled(&orderingv1.Order{})
		m.readied(&orderingv1.Order{Id: id.UUIDv7(), CustomerId: id.UUIDv7(), PaymentId: id.UUIDv7()})
		require.Empty(t, m.invoicesOf(""))
		require.Empty(t, m.Sent(), "they wait among the deferred for somebody to look at them")
	})
}
