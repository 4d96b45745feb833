package rpc

import (
	"context"
	"fmt"

	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	"mallbots.example/pkg/money/moneypb"
	"mallbots.example/pkg/rpc"
	"mallbots.example/services/baskets/internal/domain"
)

// Payments implements app.Payments by asking the service payments.
type Payments struct {
	client paymentsv1.PaymentsServiceClient
}

// NewPayments asks by way of client.
func NewPayments(client paymentsv1.PaymentsServiceClient) Payments { return Payments{client: client} }

// Get implements app.Payments.
func (p Payments) Get(ctx context.Context, id string) (domain.Payment, error) {
	resp, err := p.client.GetPayment(ctx, &paymentsv1.GetPaymentRequest{Id: id})
	if err != nil {
		return domain.Payment{}, fmt.Errorf("asking payments: %w", rpc.FromStatus(err))
	}
	payment := resp.GetPayment()
	amount, err := moneypb.FromProto(payment.GetAmount())
	if err != nil {
		// Not the mistake of whoever checks out, so no fault.
		return domain.Payment{}, fmt.Errorf("amount of payment %s: %v", id, err) //nolint:errorlint // see above
	}
	return domain.Payment{
		ID: payment.GetId(), CustomerID: payment.GetCustomerId(), Amount: amount, OrderID: payment.GetOrderId(),
		Authorized: payment.GetStatus() == paymentsv1.PaymentStatus_PAYMENT_STATUS_AUTHORIZED,
		Voided:     payment.GetStatus() == paymentsv1.PaymentStatus_PAYMENT_STATUS_VOIDED,
	}, nil
}
