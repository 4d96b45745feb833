package steps

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/cucumber/godog"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
)

func (w *world) orderSteps(sc *godog.ScenarioContext) {
	sc.Step(`^the order of "([^"]*)" becomes (approved|ready|completed)$`, w.orderBecomes)
	sc.Step(`^the order of "([^"]*)" becomes rejected because (.+)$`, w.orderIsRejected)
	sc.Step(`^one of the two orders is approved and the other is not$`, w.oneIsApproved)
	sc.Step(`^"([^"]*)" tries to cancel the order$`, w.triesToCancel)
	sc.Step(`^the order of "([^"]*)" is either canceled with everything given back, or becomes ready$`, w.canceledOrReady)
	sc.Step(`^"([^"]*)" has an invoice of ([0-9.]+)$`, w.hasInvoice)
	sc.Step(`^"([^"]*)" pays the invoice$`, w.paysInvoice)
}

// progress orders the statuses of an order that goes well: a watcher may see a later one first.
var progress = map[orderingv1.OrderStatus]int{
	orderingv1.OrderStatus_ORDER_STATUS_PENDING: 1, orderingv1.OrderStatus_ORDER_STATUS_APPROVED: 2,
	orderingv1.OrderStatus_ORDER_STATUS_IN_PROGRESS: 3, orderingv1.OrderStatus_ORDER_STATUS_READY: 4,
	orderingv1.OrderStatus_ORDER_STATUS_COMPLETED: 5,
}

func final(o *orderingv1.Order) bool {
	switch o.GetStatus() {
	case orderingv1.OrderStatus_ORDER_STATUS_COMPLETED, orderingv1.OrderStatus_ORDER_STATUS_REJECTED, orderingv1.OrderStatus_ORDER_STATUS_CANCELED:
		return true
	default:
		return false
	}
}

// watch follows an order until enough says so, or it is final.
func (w *world) watch(ctx context.Context, orderID string, enough func(o *orderingv1.Order) bool) (*orderingv1.Order, error) {
	if orderID == "" {
		return nil, errors.New("there is no order: nothing was checked out")
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	stream, err := w.ordering.WatchOrder(ctx, &orderingv1.WatchOrderRequest{Id: orderID})
	if err != nil {
		return nil, err
	}
	var last *orderingv1.Order
	for {
		resp, err := stream.Recv()
		if err != nil {
			return last, fmt.Errorf("the order is %v: %w", last.GetStatus(), err)
		}
		if last = resp.GetOrder(); enough(last) || final(last) {
			return last, nil
		}
	}
}

func (w *world) orderOf(name string) (string, error) {
	s, err := w.shopper(name)
	if err != nil {
		return "", err
	}
	return s.orderID, nil
}

func (w *world) orderBecomes(ctx context.Context, name, status string) error {
	orderID, err := w.orderOf(name)
	if err != nil {
		return err
	}
	want := orderingv1.OrderStatus(orderingv1.OrderStatus_value["ORDER_STATUS_"+strings.ToUpper(status)])
	order, err := w.watch(ctx, orderID, func(o *orderingv1.Order) bool { return progress[o.GetStatus()] >= progress[want] })
	if err != nil {
		return err
	}
	if progress[order.GetStatus()] < progress[want] {
		return fmt.Errorf("the order is %v %s", order.GetStatus(), order.GetRejectReason())
	}
	return nil
}

func (w *world) orderIsRejected(ctx context.Context, name, because string) error {
	reason, ok := rejections[because]
	if !ok {
		return fmt.Errorf("the features know no rejection because %q", because)
	}
	orderID, err := w.orderOf(name)
	if err != nil {
		return err
	}
	order, err := w.watch(ctx, orderID, func(o *orderingv1.Order) bool { return progress[o.GetStatus()] > 1 })
	if err != nil {
		return err
	}
	if order.GetStatus() != orderingv1.OrderStatus_ORDER_STATUS_REJECTED || order.GetRejectReason() != reason {
		return fmt.Errorf("the order is %v %s, not rejected for %s", order.GetStatus(), order.GetRejectReason(), reason)
	}
	return nil
}

func (w *world) oneIsApproved(ctx context.Context) error {
	approved := 0
	for _, s := range w.shoppers {
		for _, orderID := range []string{s.orderID, s.otherID} {
			if orderID == "" {
				continue // refused at the counter
			}
			order, err := w.watch(ctx, orderID, func(o *orderingv1.Order) bool { return progress[o.GetStatus()] > 1 })
			if err != nil {
				return err
			}
			switch {
			case progress[order.GetStatus()] > 1:
				approved++
			case order.GetRejectReason() != "PAYMENT_IN_USE":
				return fmt.Errorf("an order is %v %s", order.GetStatus(), order.GetRejectReason())
			}
		}
	}
	if approved != 1 {
		return fmt.Errorf("%d orders are approved", approved)
	}
	return nil
}

// triesToCancel waits until there is an order: it exists a moment after the checkout.
func (w *world) triesToCancel(ctx context.Context, name string) error {
	orderID, err := w.orderOf(name)
	if err != nil {
		return err
	}
	if _, err := w.watch(ctx, orderID, func(*orderingv1.Order) bool { return true }); err != nil {
		return err
	}
	_, err = w.ordering.CancelOrder(ctx, &orderingv1.CancelOrderRequest{Id: orderID})
	w.try(err)
	return nil
}

// canceledOrReady is all that can be promised of a cancel that races with a robot.
func (w *world) canceledOrReady(ctx context.Context, name string) error {
	s, err := w.shopper(name)
	if err != nil {
		return err
	}
	refused := w.refusal
	w.tried = false
	order, err := w.watch(ctx, s.orderID, func(o *orderingv1.Order) bool { return progress[o.GetStatus()] >= 4 })
	if err != nil {
		return err
	}
	switch order.GetStatus() {
	case orderingv1.OrderStatus_ORDER_STATUS_CANCELED:
		if refused != nil {
			return fmt.Errorf("the cancel was refused, and the order is canceled: %w", refused)
		}
		for _, item := range order.GetItems() {
			if err := w.stockIs(ctx, item.GetProductName(), 10); err != nil {
				return err
			}
		}
		return w.paymentIs(ctx, name, paymentsv1.PaymentStatus_PAYMENT_STATUS_VOIDED, paymentsv1.PaymentStatus_PAYMENT_STATUS_AUTHORIZED)
	case orderingv1.OrderStatus_ORDER_STATUS_READY, orderingv1.OrderStatus_ORDER_STATUS_COMPLETED:
		return nil
	default:
		return fmt.Errorf("the order is %v", order.GetStatus())
	}
}

// invoice is the one of a customer's order; it is there a moment after the order is ready.
func (w *world) invoice(ctx context.Context, name string) (invoice *paymentsv1.Invoice, err error) {
	orderID, err := w.orderOf(name)
	if err != nil {
		return nil, err
	}
	return invoice, eventually(ctx, func(ctx context.Context) error {
		resp, err := w.payments.ListInvoices(ctx, &paymentsv1.ListInvoicesRequest{OrderId: orderID})
		if err != nil {
			return err
		}
		if n := len(resp.GetInvoices()); n != 1 {
			return fmt.Errorf("the order has %d invoices", n)
		}
		invoice = resp.GetInvoices()[0]
		return nil
	})
}

func (w *world) hasInvoice(ctx context.Context, name, price string) error {
	invoice, err := w.invoice(ctx, name)
	if err != nil {
		return err
	}
	return costs("the invoice", invoice.GetAmount(), price)
}

func (w *world) paysInvoice(ctx context.Context, name string) error {
	invoice, err := w.invoice(ctx, name)
	if err != nil {
		return err
	}
	_, err = w.payments.PayInvoice(ctx, &paymentsv1.PayInvoiceRequest{Id: invoice.GetId()})
	return err
}
