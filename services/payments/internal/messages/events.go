package messages

import (
	"context"

	"google.golang.org/protobuf/proto"

	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
	"mallbots.example/services/internal/topics"
	"mallbots.example/services/payments/internal/convert"
	"mallbots.example/services/payments/internal/domain"
)

// Events publishes what happened to a payment or an invoice, with it as it is after the change.
type Events struct{ publisher message.Publisher }

// NewEvents publishes by way of publisher.
func NewEvents(publisher message.Publisher) Events { return Events{publisher: publisher} }

// PublishPayment implements app.Events.
func (e Events) PublishPayment(ctx context.Context, tx *store.Tx, payment *domain.Payment) {
	for _, event := range payment.Events() {
		e.publish(ctx, tx, message.Event(topics.PaymentsEvents, payment.ID(), paymentBody(event, convert.Payment(payment))))
	}
}

// PublishInvoice implements app.Events.
func (e Events) PublishInvoice(ctx context.Context, tx *store.Tx, invoice *domain.Invoice) {
	for _, event := range invoice.Events() {
		news := message.Event(topics.PaymentsEvents, invoice.ID(), invoiceBody(event, convert.Invoice(invoice)))
		e.publish(ctx, tx, news.PartOf(invoice.State().OrderID))
	}
}

func (e Events) publish(ctx context.Context, tx *store.Tx, news message.Outgoing) {
	if news.Body != nil {
		e.publisher.Publish(ctx, tx, news)
	}
}

// paymentBody gives nil for what the contract has no message for: InvoicePaid tells that the payment is captured.
func paymentBody(event domain.PaymentEvent, payment *paymentsv1.Payment) proto.Message {
	switch event {
	case domain.PaymentAuthorized:
		return &paymentsv1.PaymentAuthorized{Payment: payment}
	case domain.PaymentConfirmed:
		return &paymentsv1.PaymentConfirmed{Payment: payment}
	case domain.PaymentVoided:
		return &paymentsv1.PaymentVoided{Payment: payment}
	case domain.PaymentCaptured:
		return nil
	}
	panic("payments: no message for the event of a payment " + string(event))
}

// invoiceBody gives nil for what the contract has no message for: nobody but payments acts on the amount of a pending invoice.
func invoiceBody(event domain.InvoiceEvent, invoice *paymentsv1.Invoice) proto.Message {
	switch event {
	case domain.InvoiceCreated:
		return &paymentsv1.InvoiceCreated{Invoice: invoice}
	case domain.InvoicePaid:
		return &paymentsv1.InvoicePaid{Invoice: invoice}
	case domain.InvoiceCanceled:
		return &paymentsv1.InvoiceCanceled{Invoice: invoice}
	case domain.InvoiceAdjusted:
		return nil
	}
	panic("payments: no message for the event of an invoice " + string(event))
}
