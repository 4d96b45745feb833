package steps

import (
	"context"
	"errors"
	"fmt"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
)

func (w *world) cancelSteps() {
	w.step(`^"([^"]*)" cancels the order$`, w.cancelOrder)
	w.tries(`^"([^"]*)" tries to cancel the order$`, w.cancelOrder)
	w.step(`^the order of "([^"]*)" becomes canceled$`, w.orderIsCanceled)
	w.step(`^the order of "([^"]*)" is either canceled with everything given back, or becomes ready$`, w.canceledOrReady)
	w.step(`^the order of "([^"]*)" goes on$`, w.orderGoesOn)
	w.step(`^the order of "([^"]*)" ends up canceled$`, w.orderEndsUpCanceled)
}

// cancelOrder waits until there is an order: it exists a moment after the checkout.
func (w *world) cancelOrder(ctx context.Context, name string) error {
	orderID, err := w.orderOf(name)
	if err != nil {
		return err
	}
	if _, err := w.follow(ctx, orderID, func(*orderingv1.Order) bool { return true }); err != nil {
		return err
	}
	_, err = w.ordering.CancelOrder(ctx, &orderingv1.CancelOrderRequest{Id: orderID})
	return err
}

// settled is the order when its cancel has ended one way or the other.
func (w *world) settled(ctx context.Context, name string, enough string) (*orderingv1.Order, error) {
	orderID, err := w.orderOf(name)
	if err != nil {
		return nil, err
	}
	return w.follow(ctx, orderID, func(o *orderingv1.Order) bool { return progress[o.GetStatus()] >= progress[statuses[enough]] })
}

func (w *world) orderIsCanceled(ctx context.Context, name string) error {
	orderID, err := w.orderOf(name)
	if err != nil {
		return err
	}
	order, err := w.follow(ctx, orderID, final)
	if err == nil && order.GetStatus() != statuses["canceled"] {
		err = fmt.Errorf("the order is %v", order.GetStatus())
	}
	return err
}

// canceledOrReady is all that can be promised of a cancel that races with a robot.
func (w *world) canceledOrReady(ctx context.Context, name string) error {
	refused := w.refusal
	w.tried = false
	order, err := w.settled(ctx, name, "ready")
	if err != nil {
		return err
	}
	stock, paid := int64(8), []paymentsv1.PaymentStatus{paymentsv1.PaymentStatus_PAYMENT_STATUS_CONFIRMED}
	if order.GetStatus() == statuses["canceled"] {
		if refused != nil {
			return fmt.Errorf("the cancel was refused, and the order is canceled: %w", refused)
		}
		stock, paid = 10, []paymentsv1.PaymentStatus{paymentsv1.PaymentStatus_PAYMENT_STATUS_VOIDED}
	} else if order.GetStatus() != statuses["ready"] {
		return fmt.Errorf("the order is %v", order.GetStatus())
	}
	return errors.Join(w.stockIs(ctx, order.GetItems()[0].GetProductName(), stock), w.paymentIs(ctx, name, paid...))
}

// orderGoesOn is what becomes of an order whose robot was faster than the cancel, whether that was refused at once or by the depot.
func (w *world) orderGoesOn(ctx context.Context, name string) error {
	if w.tried && w.refusal != nil {
		if err := expect(w.refusal, refusals["the order can't be canceled any more"]); err != nil {
			return err
		}
	}
	w.tried = false
	order, err := w.settled(ctx, name, "in progress")
	if err == nil && progress[order.GetStatus()] < progress[statuses["in progress"]] {
		err = fmt.Errorf("the order is %v", order.GetStatus())
	}
	return err
}

// orderEndsUpCanceled says nothing of whether the customer's own cancel was refused.
func (w *world) orderEndsUpCanceled(ctx context.Context, name string) error {
	if w.tried && w.refusal != nil {
		if err := expect(w.refusal, refusals["the order can't be canceled any more"]); err != nil {
			return err
		}
	}
	w.tried = false
	return w.orderIsCanceled(ctx, name)
}
