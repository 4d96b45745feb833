package shopping

import (
	"context"
	"fmt"
	"strings"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
)

// Trip is one customer's way through the mall, told as it happens.
type Trip struct {
	Client *Client
	// Tell gets each step, in words for people.
	Tell func(step string)
	// CheckedOut, if not nil, is called when the checkout was answered, before anything is told of the order.
	CheckedOut func(orderID string)
	// Amount writes an amount as people do.
	Amount func(*typev1.Money) string
}

func (t *Trip) tell(format string, args ...any) { t.Tell(fmt.Sprintf(format, args...)) }

// Shop registers a customer, fills a basket from two stores, checks out and follows the order to its end.
func (t *Trip) Shop(ctx context.Context) error {
	customer, err := t.Client.Register(ctx, "Ada Demo")
	if err != nil {
		return err
	}
	t.tell("%s is registered as a customer", customer.GetName())
	products, stores, err := t.Client.Catalog(ctx, 2)
	if err != nil {
		return err
	}
	basket, err := t.Client.FillBasket(ctx, customer.GetId(), products)
	if err != nil {
		return err
	}
	for _, item := range basket.GetItems() {
		t.tell("puts %q of %s into the basket, %s", item.GetProductName(), stores[item.GetStoreId()], t.Amount(item.GetPrice()))
	}
	payment, err := t.Client.Authorize(ctx, customer.GetId(), basket.GetTotal())
	if err != nil {
		return err
	}
	t.tell("a payment of %s is authorized", t.Amount(payment.GetAmount()))
	placed, err := t.Client.Baskets.CheckoutBasket(ctx, &basketsv1.CheckoutBasketRequest{Id: basket.GetId(), PaymentId: payment.GetId()})
	if err != nil {
		return err
	}
	t.tell("checks out: order %s", placed.GetOrderId())
	if t.CheckedOut != nil {
		t.CheckedOut(placed.GetOrderId())
	}
	return t.Follow(ctx, placed.GetOrderId())
}

// Follow takes an order to its end: shows its steps, and pays the invoice. An order that does not end as completed is an error.
func (t *Trip) Follow(ctx context.Context, orderID string) error {
	var last *orderingv1.Order
	paid := false
	err := t.Client.Watch(ctx, orderID, func(o *orderingv1.Order) (bool, error) {
		if last.GetStatus() != o.GetStatus() {
			t.tell("the order is %s", Word(o.GetStatus()))
		}
		last = o
		// An order that is canceled because its invoice was keeps its id: nothing is to be paid then.
		if !paid && o.GetInvoiceId() != "" && o.GetStatus() == orderingv1.OrderStatus_ORDER_STATUS_READY {
			paid = true
			if err := t.pay(ctx, o.GetInvoiceId()); err != nil {
				return false, err
			}
		}
		return Final(o.GetStatus()), nil
	})
	if err != nil {
		return err
	}
	if last.GetStatus() != orderingv1.OrderStatus_ORDER_STATUS_COMPLETED {
		return fmt.Errorf("the order ended as %s %s", Word(last.GetStatus()), last.GetRejectReason())
	}
	t.tell("%s", t.receipt(last))
	return nil
}

func (t *Trip) pay(ctx context.Context, invoiceID string) error {
	invoice, err := t.Client.Payments.PayInvoice(ctx, &paymentsv1.PayInvoiceRequest{Id: invoiceID})
	if err != nil {
		return err
	}
	t.tell("pays the invoice of %s", t.Amount(invoice.GetInvoice().GetAmount()))
	return nil
}

func (t *Trip) receipt(o *orderingv1.Order) string {
	var lines []string
	for _, item := range o.GetItems() {
		lines = append(lines, fmt.Sprintf("%d × %s", item.GetQuantity(), item.GetProductName()))
	}
	return fmt.Sprintf("completed: %s for %s", strings.Join(lines, ", "), t.Amount(o.GetTotal()))
}

// Word is a status as people say it.
func Word(status orderingv1.OrderStatus) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(status.String(), "ORDER_STATUS_"), "_", " "))
}
