package account

import (
	"context"
	"fmt"

	depotv1 "mallbots.example/api/mallbots/depot/v1"
	notificationsv1 "mallbots.example/api/mallbots/notifications/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
)

// one page holds all that a customer who shopped once may have, and enough of what is too much.
const page = 50

// facts reads what the mall says about a customer.
func (l *Load) facts(ctx context.Context, told Record) (Facts, error) {
	var facts Facts
	if told.CustomerID == "" {
		return facts, nil // nobody has that name: there is nothing to ask for
	}
	orders, err := ask(ctx, l.calls, "Ordering/ListOrders", l.ordering.ListOrders, &orderingv1.ListOrdersRequest{CustomerId: told.CustomerID, PageSize: page})
	if err != nil {
		return facts, fmt.Errorf("orders: %w", err)
	}
	facts.Orders = orders.GetOrders()
	if told.PaymentID != "" {
		payment, err := ask(ctx, l.calls, "Payments/GetPayment", l.payments.GetPayment, &paymentsv1.GetPaymentRequest{Id: told.PaymentID})
		if err != nil && refused(err) == "" {
			return facts, fmt.Errorf("payment: %w", err)
		}
		facts.Payment = payment.GetPayment() // nil: there is none
	}
	invoices, err := ask(ctx, l.calls, "Payments/ListInvoices", l.payments.ListInvoices, &paymentsv1.ListInvoicesRequest{CustomerId: told.CustomerID, PageSize: page})
	if err != nil {
		return facts, fmt.Errorf("invoices: %w", err)
	}
	facts.Invoices = invoices.GetInvoices()
	notifications, err := ask(ctx, l.calls, "Notifications/ListNotifications", l.notifications.ListNotifications,
		&notificationsv1.ListNotificationsRequest{CustomerId: told.CustomerID, PageSize: page})
	if err != nil {
		return facts, fmt.Errorf("notifications: %w", err)
	}
	facts.Notifications = notifications.GetNotifications()
	if told.BasketID == "" {
		return facts, nil
	}
	lists, err := ask(ctx, l.calls, "Depot/ListShoppingLists", l.depot.ListShoppingLists, &depotv1.ListShoppingListsRequest{OrderId: told.BasketID, PageSize: page})
	if err != nil {
		return facts, fmt.Errorf("shopping lists: %w", err)
	}
	facts.Lists = lists.GetShoppingLists()
	return facts, nil
}

// stock reads what there is of each product.
func (l *Load) stock(ctx context.Context, sold map[string]int64) ([]Stock, error) {
	var all []Stock
	read := func(id string, initial int64) error {
		resp, err := ask(ctx, l.calls, "Stores/GetProduct", l.stores.GetProduct, &storesv1.GetProductRequest{Id: id})
		if err != nil {
			return fmt.Errorf("the product %s: %w", id, err)
		}
		p := resp.GetProduct()
		all = append(all, Stock{ProductID: id, Name: p.GetName(), Initial: initial, Sold: sold[id], Available: p.GetAvailableStock()})
		return nil
	}
	for _, product := range l.shop.products {
		if err := read(product.GetId(), plenty); err != nil {
			return nil, err
		}
	}
	return all, read(l.shop.scarce.GetId(), few)
}
