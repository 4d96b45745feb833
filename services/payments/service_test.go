package payments_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	sagav1 "mallbots.example/api/mallbots/saga/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/rpc"
	"mallbots.example/pkg/service/servicetest"
	"mallbots.example/services/internal/topics"
	"mallbots.example/services/payments"
)

// mall is payments under test, and what its neighbours would say to it.
type mall struct {
	*servicetest.Harness
	paymentsv1.PaymentsServiceClient
	t *testing.T
}

func each(t *testing.T, test func(t *testing.T, m *mall)) {
	servicetest.Each(t, payments.Service(), nil, func(t *testing.T, h *servicetest.Harness) {
		test(t, &mall{Harness: h, PaymentsServiceClient: paymentsv1.NewPaymentsServiceClient(h.Conn), t: t})
	})
}

func usd(cents int64) *typev1.Money { return &typev1.Money{CurrencyCode: "USD", MinorUnits: cents} }

func (m *mall) authorize(customerID string, cents int64) *paymentsv1.Payment {
	m.t.Helper()
	resp, err := m.AuthorizePayment(m.t.Context(), &paymentsv1.AuthorizePaymentRequest{CustomerId: customerID, Amount: usd(cents)})
	require.NoError(m.t, err)
	return resp.GetPayment()
}

func (m *mall) payment(id string) *paymentsv1.Payment {
	m.t.Helper()
	resp, err := m.GetPayment(m.t.Context(), &paymentsv1.GetPaymentRequest{Id: id})
	require.NoError(m.t, err)
	return resp.GetPayment()
}

func (m *mall) invoice(id string) *paymentsv1.Invoice {
	m.t.Helper()
	resp, err := m.GetInvoice(m.t.Context(), &paymentsv1.GetInvoiceRequest{Id: id})
	require.NoError(m.t, err)
	return resp.GetInvoice()
}

func (m *mall) invoicesOf(orderID string) []*paymentsv1.Invoice {
	m.t.Helper()
	resp, err := m.ListInvoices(m.t.Context(), &paymentsv1.ListInvoicesRequest{OrderId: orderID})
	require.NoError(m.t, err)
	return resp.GetInvoices()
}

func (m *mall) command(order *orderingv1.Order, body proto.Message) *sagav1.CommandReply {
	m.t.Helper()
	return m.Command(topics.PaymentsCommands, order.GetId(), body).(*sagav1.CommandReply)
}

func (m *mall) confirm(order *orderingv1.Order) *sagav1.CommandReply {
	m.t.Helper()
	return m.command(order, &paymentsv1.ConfirmPayment{
		OrderId: order.GetId(), PaymentId: order.GetPaymentId(), CustomerId: order.GetCustomerId(), Amount: order.GetTotal(),
	})
}

func (m *mall) void(order *orderingv1.Order) {
	m.t.Helper()
	reply := m.command(order, &paymentsv1.VoidPayment{OrderId: order.GetId(), PaymentId: order.GetPaymentId()})
	require.NotNil(m.t, reply.GetSucceeded(), "VoidPayment never fails")
}

func (m *mall) readied(order *orderingv1.Order) {
	m.t.Helper()
	m.Event(topics.OrderingEvents, order.GetId(), &orderingv1.OrderReadied{Order: order})
}

func (m *mall) canceled(order *orderingv1.Order) {
	m.t.Helper()
	m.Event(topics.OrderingEvents, order.GetId(), &orderingv1.OrderCanceled{Order: order})
}

// orderFor is an order over 20 dollars that is to be paid with p.
func orderFor(p *paymentsv1.Payment) *orderingv1.Order {
	return &orderingv1.Order{Id: id.UUIDv7(), CustomerId: p.GetCustomerId(), PaymentId: p.GetId(), Total: usd(2000), Version: 4}
}

// ready is an order that is ready, with its payment over 25 dollars and its invoice over 20.
func (m *mall) ready() (*orderingv1.Order, *paymentsv1.Payment, *paymentsv1.Invoice) {
	m.t.Helper()
	payment := m.authorize(id.UUIDv7(), 2500)
	order := orderFor(payment)
	require.NotNil(m.t, m.confirm(order).GetSucceeded())
	m.readied(order)
	invoices := m.invoicesOf(order.GetId())
	require.Len(m.t, invoices, 1)
	return order, m.payment(payment.GetId()), invoices[0]
}

func (m *mall) requireLastEvent(want proto.Message) {
	m.t.Helper()
	sent := m.SentTo(topics.PaymentsEvents)
	require.True(m.t, proto.Equal(want, sent[len(sent)-1]), "want %v\ngot %v", want, sent[len(sent)-1])
}

func TestAnAuthorizedPaymentCanBeReadAndIsTold(t *testing.T) {
	each(t, func(t *testing.T, m *mall) {
		ada := id.UUIDv7()
		payment := m.authorize(ada, 2500)
		require.Equal(t, ada, payment.GetCustomerId())
		require.True(t, proto.Equal(usd(2500), payment.GetAmount()))
		require.Equal(t, paymentsv1.PaymentStatus_PAYMENT_STATUS_AUTHORIZED, payment.GetStatus())
		require.Empty(t, payment.GetOrderId())
		require.EqualValues(t, 1, payment.GetVersion())
		require.Equal(t, servicetest.Now, payment.GetCreateTime().AsTime())
		require.True(t, proto.Equal(payment, m.payment(payment.GetId())))
		m.requireLastEvent(&paymentsv1.PaymentAuthorized{Payment: payment})
		require.Equal(t, payment.GetId(), m.Sent()[0].Meta.Subject)
	})
}

func TestAPaidInvoiceCapturesItsPayment(t *testing.T) {
	each(t, func(t *testing.T, m *mall) {
		order, payment, invoice := m.ready()
		require.Equal(t, paymentsv1.PaymentStatus_PAYMENT_STATUS_CONFIRMED, payment.GetStatus())
		paid, err := m.PayInvoice(t.Context(), &paymentsv1.PayInvoiceRequest{Id: invoice.GetId()})
		require.NoError(t, err)
		require.Equal(t, paymentsv1.InvoiceStatus_INVOICE_STATUS_PAID, paid.GetInvoice().GetStatus())
		require.EqualValues(t, 2, paid.GetInvoice().GetVersion())
		require.True(t, proto.Equal(paid.GetInvoice(), m.invoice(invoice.GetId())))
		captured := m.payment(payment.GetId())
		require.Equal(t, paymentsv1.PaymentStatus_PAYMENT_STATUS_CAPTURED, captured.GetStatus())
		require.Equal(t, order.GetId(), captured.GetOrderId())
		require.EqualValues(t, 3, captured.GetVersion())
		m.requireLastEvent(&paymentsv1.InvoicePaid{Invoice: paid.GetInvoice()})
		require.Len(t, m.SentTo(topics.PaymentsEvents), 4, "authorized, confirmed, invoice created, invoice paid: capturing has no event of its own")

		_, err = m.PayInvoice(t.Context(), &paymentsv1.PayInvoiceRequest{Id: invoice.GetId()})
		servicetest.RequireReason(t, err, fault.Refused, "INVOICE_NOT_PENDING")
		require.Len(t, m.SentTo(topics.PaymentsEvents), 4)
	})
}

func TestAnInvoiceIsPaidOnlyFromAPaymentThatIsBoundToItsOrder(t *testing.T) {
	each(t, func(t *testing.T, m *mall) {
		payment := m.authorize(id.UUIDv7(), 2500)
		unbound, ofOther, unknown := orderFor(payment), orderFor(payment), orderFor(&paymentsv1.Payment{Id: id.UUIDv7(), CustomerId: id.UUIDv7()})
		for _, order := range []*orderingv1.Order{unbound, ofOther, unknown} {
			m.readied(order)
		}
		pay := func(order *orderingv1.Order) error {
			_, err := m.PayInvoice(t.Context(), &paymentsv1.PayInvoiceRequest{Id: m.invoicesOf(order.GetId())[0].GetId()})
			return err
		}
		servicetest.RequireReason(t, pay(unbound), fault.Refused, "PAYMENT_NOT_CONFIRMED")
		servicetest.RequireReason(t, pay(unknown), fault.Refused, "PAYMENT_NOT_CONFIRMED")
		require.NotNil(t, m.confirm(unbound).GetSucceeded())
		servicetest.RequireReason(t, pay(ofOther), fault.Refused, "PAYMENT_NOT_CONFIRMED")
		require.NoError(t, pay(unbound))
		require.Equal(t, paymentsv1.InvoiceStatus_INVOICE_STATUS_PENDING, m.invoicesOf(ofOther.GetId())[0].GetStatus())
	})
}

func TestACanceledInvoiceIsNotPaid(t *testing.T) {
	each(t, func(t *testing.T, m *mall) {
		_, payment, invoice := m.ready()
		canceled, err := m.CancelInvoice(t.Context(), &paymentsv1.CancelInvoiceRequest{Id: invoice.GetId()})
		require.NoError(t, err)
		require.Equal(t, paymentsv1.InvoiceStatus_INVOICE_STATUS_CANCELED, canceled.GetInvoice().GetStatus())
		require.True(t, proto.Equal(canceled.GetInvoice(), m.invoice(invoice.GetId())))
		m.requireLastEvent(&paymentsv1.InvoiceCanceled{Invoice: canceled.GetInvoice()})
		for _, call := range []func() error{
			func() error {
				_, err := m.PayInvoice(t.Context(), &paymentsv1.PayInvoiceRequest{Id: invoice.GetId()})
				return err
			},
			func() error {
				_, err := m.CancelInvoice(t.Context(), &paymentsv1.CancelInvoiceRequest{Id: invoice.GetId()})
				return err
			},
			func() error {
				_, err := m.AdjustInvoice(t.Context(), &paymentsv1.AdjustInvoiceRequest{Id: invoice.GetId(), Amount: usd(1)})
				return err
			},
		} {
			servicetest.RequireReason(t, call(), fault.Refused, "INVOICE_NOT_PENDING")
		}
		require.True(t, proto.Equal(payment, m.payment(payment.GetId())), "nothing was taken")
	})
}

func TestAnInvoiceIsAdjustedWithinItsPayment(t *testing.T) {
	each(t, func(t *testing.T, m *mall) {
		_, _, invoice := m.ready()
		adjust := func(amount *typev1.Money) (*paymentsv1.Invoice, error) {
			resp, err := m.AdjustInvoice(t.Context(), &paymentsv1.AdjustInvoiceRequest{Id: invoice.GetId(), Amount: amount})
			return resp.GetInvoice(), err
		}
		raised, err := adjust(usd(2500))
		require.NoError(t, err)
		require.True(t, proto.Equal(usd(2500), raised.GetAmount()))
		require.EqualValues(t, 2, raised.GetVersion())
		again, err := adjust(usd(2500))
		require.NoError(t, err)
		require.True(t, proto.Equal(raised, again), "the same amount changes nothing")
		_, err = adjust(usd(2501))
		servicetest.RequireReason(t, err, fault.Refused, "PAYMENT_TOO_SMALL")
		_, err = adjust(&typev1.Money{CurrencyCode: "EUR", MinorUnits: 1})
		servicetest.RequireReason(t, err, fault.Refused, "CURRENCY_MISMATCH")
		require.True(t, proto.Equal(raised, m.invoice(invoice.GetId())))

		paid, err := m.PayInvoice(t.Context(), &paymentsv1.PayInvoiceRequest{Id: invoice.GetId()})
		require.NoError(t, err)
		require.True(t, proto.Equal(usd(2500), paid.GetInvoice().GetAmount()))
	})
}

func TestWhatIsUnknownIsNotFound(t *testing.T) {
	each(t, func(t *testing.T, m *mall) {
		ctx, nothing := t.Context(), id.UUIDv7()
		_, err := m.GetPayment(ctx, &paymentsv1.GetPaymentRequest{Id: nothing})
		servicetest.RequireReason(t, err, fault.NotFound, "PAYMENT_NOT_FOUND")
		_, err = m.GetInvoice(ctx, &paymentsv1.GetInvoiceRequest{Id: nothing})
		servicetest.RequireReason(t, err, fault.NotFound, "INVOICE_NOT_FOUND")
		_, err = m.PayInvoice(ctx, &paymentsv1.PayInvoiceRequest{Id: nothing})
		servicetest.RequireReason(t, err, fault.NotFound, "INVOICE_NOT_FOUND")
		_, err = m.CancelInvoice(ctx, &paymentsv1.CancelInvoiceRequest{Id: nothing})
		servicetest.RequireReason(t, err, fault.NotFound, "INVOICE_NOT_FOUND")
		_, err = m.AdjustInvoice(ctx, &paymentsv1.AdjustInvoiceRequest{Id: nothing, Amount: usd(1)})
		servicetest.RequireReason(t, err, fault.NotFound, "INVOICE_NOT_FOUND")
	})
}

func TestBadInputIsNamed(t *testing.T) {
	each(t, func(t *testing.T, m *mall) {
		for name, test := range map[string]struct {
			customerID string
			amount     *typev1.Money
			kind       fault.Kind
			reason     string
			field      string
		}{
			"no customer":      {"", usd(1), fault.Invalid, "INVALID_FIELD", "customer_id"},
			"no amount":        {id.UUIDv7(), nil, fault.Invalid, "INVALID_FIELD", "amount"},
			"negative amount":  {id.UUIDv7(), usd(-1), fault.Invalid, "INVALID_FIELD", "amount.minor_units"},
			"no currency":      {id.UUIDv7(), &typev1.Money{MinorUnits: 1}, fault.Invalid, "INVALID_FIELD", "amount.currency_code"},
			"foreign currency": {id.UUIDv7(), &typev1.Money{CurrencyCode: "EUR", MinorUnits: 1}, fault.Refused, "CURRENCY_MISMATCH", ""},
		} {
			t.Run(name, func(t *testing.T) {
				_, err := m.AuthorizePayment(t.Context(), &paymentsv1.AuthorizePaymentRequest{CustomerId: test.customerID, Amount: test.amount})
				servicetest.RequireReason(t, err, test.kind, test.reason)
				if test.field != "" {
					refusal, _ := fault.As(rpc.FromStatus(err))
					require.Equal(t, test.field, refusal.Fields[0].Name)
				}
			})
		}
		require.Empty(t, m.Sent())
	})
}

func TestInvoicesAreListedNewestFirstPageByPage(t *testing.T) {
	each(t, func(t *testing.T, m *mall) {
		ada, bob := id.UUIDv7(), id.UUIDv7()
		var ofAda, all []string // orders, newest first
		for n := range 7 {
			customerID := ada
			if n%3 == 2 {
				customerID = bob
			}
			order := orderFor(&paymentsv1.Payment{Id: id.UUIDv7(), CustomerId: customerID})
			m.readied(order)
			all = append([]string{order.GetId()}, all...)
			if customerID == ada {
				ofAda = append([]string{order.GetId()}, ofAda...)
			}
		}
		list := func(req *paymentsv1.ListInvoicesRequest) (orders []string, pages int) {
			for {
				resp, err := m.ListInvoices(t.Context(), req)
				require.NoError(t, err)
				pages++
				for _, invoice := range resp.GetInvoices() {
					orders = append(orders, invoice.GetOrderId())
				}
				if resp.GetNextPageToken() == "" {
					return orders, pages
				}
				req.PageToken = resp.GetNextPageToken()
			}
		}
		orders, pages := list(&paymentsv1.ListInvoicesRequest{PageSize: 3})
		require.Equal(t, all, orders)
		require.Equal(t, 3, pages)
		orders, pages = list(&paymentsv1.ListInvoicesRequest{CustomerId: ada, PageSize: 2})
		require.Equal(t, ofAda, orders)
		require.Equal(t, 3, pages)
		orders, _ = list(&paymentsv1.ListInvoicesRequest{CustomerId: ada, OrderId: ofAda[1]})
		require.Equal(t, ofAda[1:2], orders)
		orders, _ = list(&paymentsv1.ListInvoicesRequest{CustomerId: bob, OrderId: ofAda[1]})
		require.Empty(t, orders, "both filters must match")
	})
}
