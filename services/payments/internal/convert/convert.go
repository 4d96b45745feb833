// Package convert turns payments and invoices into the form of the API, which RPC answers and messages share.
package convert

import (
	"google.golang.org/protobuf/types/known/timestamppb"

	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	"mallbots.example/pkg/money/moneypb"
	"mallbots.example/services/payments/internal/domain"
)

// Payment is the public state of a payment.
func Payment(p *domain.Payment) *paymentsv1.Payment {
	state, meta := p.State(), p.Meta()
	return &paymentsv1.Payment{
		Id: meta.ID, CustomerId: state.CustomerID, Amount: moneypb.ToProto(state.Amount), Status: paymentStatus[state.Status], OrderId: state.OrderID,
		CreateTime: timestamppb.New(meta.CreatedAt), UpdateTime: timestamppb.New(meta.UpdatedAt), Version: meta.Version,
	}
}

// Invoice is the public state of an invoice.
func Invoice(i *domain.Invoice) *paymentsv1.Invoice {
	state, meta := i.State(), i.Meta()
	return &paymentsv1.Invoice{
		Id: meta.ID, OrderId: state.OrderID, CustomerId: state.CustomerID, PaymentId: state.PaymentID,
		Amount: moneypb.ToProto(state.Amount), Status: invoiceStatus[state.Status],
		CreateTime: timestamppb.New(meta.CreatedAt), UpdateTime: timestamppb.New(meta.UpdatedAt), Version: meta.Version,
	}
}

var paymentStatus = map[domain.PaymentStatus]paymentsv1.PaymentStatus{
	domain.Authorized: paymentsv1.PaymentStatus_PAYMENT_STATUS_AUTHORIZED,
	domain.Confirmed:  paymentsv1.PaymentStatus_PAYMENT_STATUS_CONFIRMED,
	domain.Captured:   paymentsv1.PaymentStatus_PAYMENT_STATUS_CAPTURED,
	domain.Voided:     paymentsv1.PaymentStatus_PAYMENT_STATUS_VOIDED,
}

var invoiceStatus = map[domain.InvoiceStatus]paymentsv1.InvoiceStatus{
	domain.Pending:  paymentsv1.InvoiceStatus_INVOICE_STATUS_PENDING,
	domain.Paid:     paymentsv1.InvoiceStatus_INVOICE_STATUS_PAID,
	domain.Canceled: paymentsv1.InvoiceStatus_INVOICE_STATUS_CANCELED,
}
