package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"

	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
)

// paymentStatuses by what the features say.
var paymentStatuses = map[string][]paymentsv1.PaymentStatus{
	"set aside":    {paymentsv1.PaymentStatus_PAYMENT_STATUS_AUTHORIZED},
	"captured":     {paymentsv1.PaymentStatus_PAYMENT_STATUS_CAPTURED},
	"not captured": {paymentsv1.PaymentStatus_PAYMENT_STATUS_AUTHORIZED, paymentsv1.PaymentStatus_PAYMENT_STATUS_VOIDED},
	"given back":   {paymentsv1.PaymentStatus_PAYMENT_STATUS_VOIDED},
}

func (w *world) paymentSteps() {
	w.step(`^"([^"]*)" sets `+price+` aside$`, w.setAside)
	w.tries(`^"([^"]*)" tries to set `+price+` aside$`, w.setAside)
	w.step(`^the payment of "([^"]*)" is (set aside|captured|not captured|given back)$`, func(ctx context.Context, name, what string) error {
		return w.paymentIs(ctx, name, paymentStatuses[what]...)
	})
	w.step(`^the payment of "([^"]*)" is bound to the order$`, w.paymentIsBound)
}

func (w *world) setAside(ctx context.Context, name, price string) error {
	s, err := w.shopper(name)
	if err != nil {
		return err
	}
	amount, err := money(price)
	if err != nil {
		return err
	}
	paymentID, err := w.authorize(ctx, s.customerID, amount)
	if err == nil {
		s.paymentID = paymentID
	}
	return err
}

// payment waits until wrong finds nothing wrong with a customer's payment.
func (w *world) payment(ctx context.Context, name string, wrong func(p *paymentsv1.Payment) error) error {
	s, err := w.shopper(name)
	if err != nil {
		return err
	}
	return eventually(ctx, func(ctx context.Context) error {
		resp, err := w.payments.GetPayment(ctx, &paymentsv1.GetPaymentRequest{Id: s.paymentID})
		if err != nil {
			return err
		}
		return wrong(resp.GetPayment())
	})
}

func (w *world) paymentIs(ctx context.Context, name string, want ...paymentsv1.PaymentStatus) error {
	return w.payment(ctx, name, func(p *paymentsv1.Payment) error {
		if !slices.Contains(want, p.GetStatus()) {
			return fmt.Errorf("the payment is %v", p.GetStatus())
		}
		return nil
	})
}

func (w *world) paymentIsBound(ctx context.Context, name string) error {
	return w.payment(ctx, name, func(p *paymentsv1.Payment) error {
		if p.GetStatus() != paymentsv1.PaymentStatus_PAYMENT_STATUS_CONFIRMED || p.GetOrderId() != w.shoppers[name].orderID {
			return errors.New("it is bound to no order, or to another")
		}
		return nil
	})
}
