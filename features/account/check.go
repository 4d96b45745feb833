package account

import (
	"fmt"
	"slices"

	depotv1 "mallbots.example/api/mallbots/depot/v1"
	notificationsv1 "mallbots.example/api/mallbots/notifications/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
)

const (
	ready     = orderingv1.OrderStatus_ORDER_STATUS_READY
	completed = orderingv1.OrderStatus_ORDER_STATUS_COMPLETED
	rejected  = orderingv1.OrderStatus_ORDER_STATUS_REJECTED
	canceled  = orderingv1.OrderStatus_ORDER_STATUS_CANCELED
)

// final reports whether an order changes no more.
func final(status orderingv1.OrderStatus) bool {
	return status == completed || status == rejected || status == canceled
}

// Check compares what a customer was told with what the mall says, once everything has come to rest: whoever asks too early looks again.
//
//   - a promised order exists once, over what was in the basket, and nothing else does
//   - it is completed, rejected or canceled
//   - a completed order has its payment captured and bound to it, its one invoice paid, and one list, collected
//   - another has nothing captured or bound, no invoice that is paid or could be, and no list that is not canceled: nobody cancels the
//     invoices of these customers. Its payment is voided, or, if the order ended before it was bound, as free as it was
//   - its customer was told once of each thing that happened to it, and of nothing else
func Check(told Record, facts Facts) []Breach {
	var all breaches
	for _, refusal := range told.Refused {
		all.add(Wrong, "refused without a reason to: %s", refusal)
	}
	if told.PaymentID != "" && facts.Payment == nil {
		all.add(Lost, "the payment was authorized and does not exist")
		return all // the rest follows
	}
	if len(facts.Orders) > 1 {
		all.add(Doubled, "there are %d orders", len(facts.Orders))
	}
	if len(facts.Orders) == 0 {
		if told.Promise == AnOrder {
			all.add(Lost, "the order was promised and does not exist")
			return all
		}
		all.noOrder(facts)
		return all
	}
	order := facts.Orders[0]
	switch {
	case told.Promise == NoOrder:
		all.add(Wrong, "there is an order, and none was placed")
	case order.GetId() != told.BasketID:
		all.add(Wrong, "the order has the id %s, not that of its basket", order.GetId())
	case order.GetPaymentId() != told.PaymentID:
		all.add(Wrong, "the order is paid for by %s, not by the payment it was placed with", order.GetPaymentId())
	case order.GetTotal().GetMinorUnits() != told.Total:
		all.add(Wrong, "the order is over %d, the basket was over %d", order.GetTotal().GetMinorUnits(), told.Total)
	}
	if !final(order.GetStatus()) {
		all.add(Stuck, "the order is %s", short(order.GetStatus().String(), "ORDER_STATUS_"))
		return all // the rest follows from how it ends
	}
	all.payment(order, facts.Payment)
	all.invoices(order, facts.Invoices)
	all.lists(order, facts.Lists)
	all.notifications(order, facts.Notifications)
	return all
}

type breaches []Breach

func (b *breaches) add(kind Kind, format string, args ...any) {
	*b = append(*b, Breach{kind, fmt.Sprintf(format, args...)})
}

// noOrder is for customers who have none: nothing may have come of their shopping.
func (b *breaches) noOrder(facts Facts) {
	if p := facts.Payment; p != nil && (p.GetStatus() != paymentsv1.PaymentStatus_PAYMENT_STATUS_AUTHORIZED || p.GetOrderId() != "") {
		b.add(Wrong, "the payment is %s without an order", short(p.GetStatus().String(), "PAYMENT_STATUS_"))
	}
	if n := len(facts.Invoices) + len(facts.Lists) + len(facts.Notifications); n > 0 {
		b.add(Wrong, "there are %d invoices, lists and notifications without an order", n)
	}
}

func (b *breaches) payment(order *orderingv1.Order, payment *paymentsv1.Payment) {
	status := payment.GetStatus()
	is := short(status.String(), "PAYMENT_STATUS_")
	bound := payment.GetOrderId()
	if bound != "" && bound != order.GetId() {
		b.add(Wrong, "the payment is bound to the order %s", bound)
	}
	if order.GetStatus() == completed {
		if status != paymentsv1.PaymentStatus_PAYMENT_STATUS_CAPTURED || bound == "" {
			b.add(Wrong, "the order is completed, and its payment is %s", is)
		}
		return
	}
	// An order knows its list from its approval on, and by then its payment is bound: that must be given back.
	free := status == paymentsv1.PaymentStatus_PAYMENT_STATUS_AUTHORIZED && bound == "" && order.GetShoppingListId() == ""
	if status != paymentsv1.PaymentStatus_PAYMENT_STATUS_VOIDED && !free {
		b.add(Wrong, "the order is %s, and its payment is %s", short(order.GetStatus().String(), "ORDER_STATUS_"), is)
	}
}

func (b *breaches) invoices(order *orderingv1.Order, invoices []*paymentsv1.Invoice) {
	if len(invoices) > 1 {
		b.add(Doubled, "there are %d invoices", len(invoices))
	}
	if order.GetStatus() == completed {
		if len(invoices) == 0 {
			b.add(Wrong, "the order is completed without an invoice")
		}
		for _, invoice := range invoices {
			if invoice.GetStatus() != paymentsv1.InvoiceStatus_INVOICE_STATUS_PAID {
				b.add(Wrong, "the order is completed, and its invoice is %s", short(invoice.GetStatus().String(), "INVOICE_STATUS_"))
			}
			if invoice.GetAmount().GetMinorUnits() != order.GetTotal().GetMinorUnits() {
				b.add(Wrong, "the invoice is over %d, the order over %d", invoice.GetAmount().GetMinorUnits(), order.GetTotal().GetMinorUnits())
			}
		}
		return
	}
	for _, invoice := range invoices {
		if invoice.GetStatus() != paymentsv1.InvoiceStatus_INVOICE_STATUS_CANCELED {
			b.add(Wrong, "the order is %s, and its invoice is %s",
				short(order.GetStatus().String(), "ORDER_STATUS_"), short(invoice.GetStatus().String(), "INVOICE_STATUS_"))
		}
	}
}

func (b *breaches) lists(order *orderingv1.Order, lists []*depotv1.ShoppingList) {
	collected := 0
	for _, list := range lists {
		switch status := list.GetStatus(); {
		case status == depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_CANCELED:
		case status == depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_COMPLETED && order.GetStatus() == completed:
			collected++
		default:
			b.add(Wrong, "the order is %s, and a shopping list is %s",
				short(order.GetStatus().String(), "ORDER_STATUS_"), short(status.String(), "SHOPPING_LIST_STATUS_"))
		}
	}
	if order.GetStatus() == completed && collected == 0 {
		b.add(Wrong, "the order is completed, and nobody collected it")
	}
	if collected > 1 {
		b.add(Doubled, "the order was collected %d times", collected)
	}
}

// tells is what customers are told besides that the order was received.
var tells = map[orderingv1.OrderStatus]notificationsv1.NotificationKind{
	completed: notificationsv1.NotificationKind_NOTIFICATION_KIND_ORDER_READY,
	rejected:  notificationsv1.NotificationKind_NOTIFICATION_KIND_ORDER_REJECTED,
	canceled:  notificationsv1.NotificationKind_NOTIFICATION_KIND_ORDER_CANCELED,
}

func (b *breaches) notifications(order *orderingv1.Order, notifications []*notificationsv1.Notification) {
	due := []notificationsv1.NotificationKind{notificationsv1.NotificationKind_NOTIFICATION_KIND_ORDER_RECEIVED, tells[order.GetStatus()]}
	count := map[notificationsv1.NotificationKind]int{}
	for _, n := range notifications {
		count[n.GetKind()]++
	}
	for kind := range notificationsv1.NotificationKind_name {
		kind := notificationsv1.NotificationKind(kind)
		what := short(kind.String(), "NOTIFICATION_KIND_")
		switch n := count[kind]; {
		case n > 1:
			b.add(Doubled, "the customer was told %d times: %s", n, what)
		case n == 1 && !slices.Contains(due, kind):
			b.add(Wrong, "the order is %s, and the customer was told: %s", short(order.GetStatus().String(), "ORDER_STATUS_"), what)
		case n == 0 && slices.Contains(due, kind):
			b.add(Wrong, "the customer was not told: %s", what)
		}
	}
}

// Stock is what is known of a product.
type Stock struct {
	ProductID string
	Name      string
	Initial   int64 // pieces
	Sold      int64 // pieces in completed orders
	Available int64 // pieces that can be reserved, as the mall says
}

// CheckStock compares pieces: what completed orders took has left, and everything else can be sold. What is missing beyond that is
// reserved for orders that are over; what is too much was sold twice.
func CheckStock(products []Stock) []Breach {
	var all breaches
	for _, p := range products {
		if want := p.Initial - p.Sold; p.Available != want {
			all.add(Wrong, "%s (%s): %d are available, not %d - %d sold = %d", p.Name, p.ProductID, p.Available, p.Initial, p.Sold, want)
		}
	}
	return all
}
