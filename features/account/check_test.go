package account

import (
	"testing"

	"github.com/stretchr/testify/require"

	depotv1 "mallbots.example/api/mallbots/depot/v1"
	notificationsv1 "mallbots.example/api/mallbots/notifications/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
)

const (
	received     = notificationsv1.NotificationKind_NOTIFICATION_KIND_ORDER_RECEIVED
	toldReady    = notificationsv1.NotificationKind_NOTIFICATION_KIND_ORDER_READY
	toldRejected = notificationsv1.NotificationKind_NOTIFICATION_KIND_ORDER_REJECTED
	toldCanceled = notificationsv1.NotificationKind_NOTIFICATION_KIND_ORDER_CANCELED

	authorized = paymentsv1.PaymentStatus_PAYMENT_STATUS_AUTHORIZED
	confirmed  = paymentsv1.PaymentStatus_PAYMENT_STATUS_CONFIRMED
	captured   = paymentsv1.PaymentStatus_PAYMENT_STATUS_CAPTURED
	voided     = paymentsv1.PaymentStatus_PAYMENT_STATUS_VOIDED

	pending         = paymentsv1.InvoiceStatus_INVOICE_STATUS_PENDING
	paid            = paymentsv1.InvoiceStatus_INVOICE_STATUS_PAID
	invoiceCanceled = paymentsv1.InvoiceStatus_INVOICE_STATUS_CANCELED

	listAvailable = depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_AVAILABLE
	listAssigned  = depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_ASSIGNED
	listCompleted = depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_COMPLETED
	listCanceled  = depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_CANCELED
)

var promised = Record{CustomerID: "ada", BasketID: "order", PaymentID: "payment", Total: 100, Promise: AnOrder}

func orders(status orderingv1.OrderStatus, listID string) []*orderingv1.Order {
	return []*orderingv1.Order{{
		Id: "order", CustomerId: "ada", PaymentId: "payment", Status: status, ShoppingListId: listID, Total: &typev1.Money{MinorUnits: 100},
	}}
}

func payment(status paymentsv1.PaymentStatus, orderID string) *paymentsv1.Payment {
	return &paymentsv1.Payment{Id: "payment", Status: status, OrderId: orderID}
}

func invoice(status paymentsv1.InvoiceStatus) *paymentsv1.Invoice {
	return &paymentsv1.Invoice{Id: "invoice", OrderId: "order", Status: status, Amount: &typev1.Money{MinorUnits: 100}}
}

func list(status depotv1.ShoppingListStatus) *depotv1.ShoppingList {
	return &depotv1.ShoppingList{OrderId: "order", Status: status}
}

func told(kinds ...notificationsv1.NotificationKind) (all []*notificationsv1.Notification) {
	for _, kind := range kinds {
		all = append(all, &notificationsv1.Notification{OrderId: "order", Kind: kind})
	}
	return all
}

// completedFacts are those of an order that went well.
func completedFacts() Facts {
	return Facts{
		Orders: orders(completed, "list"), Payment: payment(captured, "order"), Invoices: []*paymentsv1.Invoice{invoice(paid)},
		Lists: []*depotv1.ShoppingList{list(listCompleted)}, Notifications: told(received, toldReady),
	}
}

// rejectedFacts are those of an order without stock: it ended before it had a list or its payment.
func rejectedFacts() Facts {
	return Facts{Orders: orders(rejected, ""), Payment: payment(authorized, ""), Notifications: told(received, toldRejected)}
}

// canceledFacts are those of an order that was canceled after its approval.
func canceledFacts() Facts {
	return Facts{
		Orders: orders(canceled, "list"), Payment: payment(voided, "order"),
		Lists: []*depotv1.ShoppingList{list(listCanceled)}, Notifications: told(received, toldCanceled),
	}
}

func with(facts Facts, change func(f *Facts)) Facts {
	change(&facts)
	return facts
}

func TestAnOrderThatCameToOneEndBalances(t *testing.T) {
	none, unknown := promised, promised
	none.Promise, unknown.Promise = NoOrder, Unknown
	for name, test := range map[string]struct {
		told  Record
		facts Facts
	}{
		"completed":                        {promised, completedFacts()},
		"rejected for its stock":           {promised, rejectedFacts()},
		"canceled after approval":          {promised, canceledFacts()},
		"completed, a list before it lost": {promised, with(completedFacts(), func(f *Facts) { f.Lists = append(f.Lists, list(listCanceled)) })},
		"rejected, and its payment voided": {promised, with(rejectedFacts(), func(f *Facts) { f.Payment = payment(voided, "") })},
		"rejected after it had a list":     {promised, with(rejectedFacts(), func(f *Facts) { f.Lists = append(f.Lists, list(listCanceled)) })},
		"canceled before its payment": {promised, with(canceledFacts(), func(f *Facts) {
			f.Orders, f.Payment, f.Lists = orders(canceled, ""), payment(authorized, ""), nil
		})},
		"canceled with its invoice":       {promised, with(canceledFacts(), func(f *Facts) { f.Invoices = []*paymentsv1.Invoice{invoice(invoiceCanceled)} })},
		"never placed":                    {none, Facts{Payment: payment(authorized, "")}},
		"nobody ever answered":            {Record{}, Facts{}},
		"never answered, and none":        {unknown, Facts{Payment: payment(authorized, "")}},
		"never answered, and there it is": {unknown, completedFacts()},
	} {
		t.Run(name, func(t *testing.T) { require.Empty(t, Check(test.told, test.facts)) })
	}
}

func TestEachKindOfBreachIsFound(t *testing.T) {
	none, unknown, other, unheard, less := promised, promised, promised, promised, promised
	none.Promise, unknown.Promise, other.PaymentID = NoOrder, Unknown, "another"
	less.Total = 99
	unheard.Refused = []string{"PayInvoice: INVOICE_NOT_PENDING"}
	for name, test := range map[string]struct {
		told  Record
		facts Facts
		want  Breach
	}{
		"promised and gone":       {promised, Facts{Payment: payment(authorized, "")}, Breach{Lost, "the order was promised and does not exist"}},
		"placed twice":            {promised, with(completedFacts(), func(f *Facts) { f.Orders = append(f.Orders, f.Orders[0]) }), Breach{Doubled, "there are 2 orders"}},
		"placed by nobody":        {none, completedFacts(), Breach{Wrong, "there is an order, and none was placed"}},
		"of another basket":       {promised, with(completedFacts(), func(f *Facts) { f.Orders[0].Id, f.Payment.OrderId = "x", "x" }), Breach{Wrong, "the order has the id x, not that of its basket"}},
		"of another payment":      {other, completedFacts(), Breach{Wrong, "the order is paid for by payment, not by the payment it was placed with"}},
		"over more than it was":   {less, completedFacts(), Breach{Wrong, "the order is over 100, the basket was over 99"}},
		"refused what was right":  {unheard, completedFacts(), Breach{Wrong, "refused without a reason to: PayInvoice: INVOICE_NOT_PENDING"}},
		"stuck":                   {promised, with(completedFacts(), func(f *Facts) { f.Orders = orders(orderingv1.OrderStatus_ORDER_STATUS_READY, "list") }), Breach{Stuck, "the order is ready"}},
		"stuck, never answered":   {unknown, Facts{Payment: payment(confirmed, "order"), Orders: orders(orderingv1.OrderStatus_ORDER_STATUS_CANCELING, "list")}, Breach{Stuck, "the order is canceling"}},
		"money without an order":  {none, Facts{Payment: payment(confirmed, "order")}, Breach{Wrong, "the payment is confirmed without an order"}},
		"a message without order": {none, Facts{Payment: payment(authorized, ""), Notifications: told(received)}, Breach{Wrong, "there are 1 invoices, lists and notifications without an order"}},

		"completed, not captured":     {promised, with(completedFacts(), func(f *Facts) { f.Payment = payment(confirmed, "order") }), Breach{Wrong, "the order is completed, and its payment is confirmed"}},
		"captured for another":        {promised, with(completedFacts(), func(f *Facts) { f.Payment = payment(captured, "x") }), Breach{Wrong, "the payment is bound to the order x"}},
		"completed, no payment":       {promised, with(completedFacts(), func(f *Facts) { f.Payment = nil }), Breach{Lost, "the payment was authorized and does not exist"}},
		"rejected, captured":          {promised, with(rejectedFacts(), func(f *Facts) { f.Payment = payment(captured, "order") }), Breach{Wrong, "the order is rejected, and its payment is captured"}},
		"rejected, still bound":       {promised, with(rejectedFacts(), func(f *Facts) { f.Payment = payment(confirmed, "order") }), Breach{Wrong, "the order is rejected, and its payment is confirmed"}},
		"canceled, not given back":    {promised, with(canceledFacts(), func(f *Facts) { f.Payment = payment(confirmed, "order") }), Breach{Wrong, "the order is canceled, and its payment is confirmed"}},
		"approved, and never bound":   {promised, with(canceledFacts(), func(f *Facts) { f.Payment = payment(authorized, "") }), Breach{Wrong, "the order is canceled, and its payment is authorized"}},
		"completed without invoice":   {promised, with(completedFacts(), func(f *Facts) { f.Invoices = nil }), Breach{Wrong, "the order is completed without an invoice"}},
		"completed, not paid":         {promised, with(completedFacts(), func(f *Facts) { f.Invoices[0] = invoice(pending) }), Breach{Wrong, "the order is completed, and its invoice is pending"}},
		"two invoices":                {promised, with(completedFacts(), func(f *Facts) { f.Invoices = append(f.Invoices, invoice(paid)) }), Breach{Doubled, "there are 2 invoices"}},
		"an invoice over less":        {promised, with(completedFacts(), func(f *Facts) { f.Invoices[0].Amount.MinorUnits = 99 }), Breach{Wrong, "the invoice is over 99, the order over 100"}},
		"canceled, invoice open":      {promised, with(canceledFacts(), func(f *Facts) { f.Invoices = []*paymentsv1.Invoice{invoice(pending)} }), Breach{Wrong, "the order is canceled, and its invoice is pending"}},
		"completed, not collected":    {promised, with(completedFacts(), func(f *Facts) { f.Lists = nil }), Breach{Wrong, "the order is completed, and nobody collected it"}},
		"collected twice":             {promised, with(completedFacts(), func(f *Facts) { f.Lists = append(f.Lists, list(listCompleted)) }), Breach{Doubled, "the order was collected 2 times"}},
		"completed, a list is open":   {promised, with(completedFacts(), func(f *Facts) { f.Lists = append(f.Lists, list(listAvailable)) }), Breach{Wrong, "the order is completed, and a shopping list is available"}},
		"rejected, and collected":     {promised, with(rejectedFacts(), func(f *Facts) { f.Lists = append(f.Lists, list(listAssigned)) }), Breach{Wrong, "the order is rejected, and a shopping list is assigned"}},
		"canceled, and was collected": {promised, with(canceledFacts(), func(f *Facts) { f.Lists[0] = list(listCompleted) }), Breach{Wrong, "the order is canceled, and a shopping list is completed"}},

		"told twice":        {promised, with(completedFacts(), func(f *Facts) { f.Notifications = told(received, received, toldReady) }), Breach{Doubled, "the customer was told 2 times: order received"}},
		"not told":          {promised, with(rejectedFacts(), func(f *Facts) { f.Notifications = told(received) }), Breach{Wrong, "the customer was not told: order rejected"}},
		"told the opposite": {promised, with(rejectedFacts(), func(f *Facts) { f.Notifications = told(received, toldRejected, toldReady) }), Breach{Wrong, "the order is rejected, and the customer was told: order ready"}},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, []Breach{test.want}, Check(test.told, test.facts)) })
	}
}

func TestEveryPieceIsAccountedFor(t *testing.T) {
	good := Stock{ProductID: "1", Name: "Servo", Initial: 10, Sold: 4, Available: 6}
	reserved, twice := good, good
	reserved.Available, twice.Available = 5, 7

	require.Empty(t, CheckStock([]Stock{good}))
	require.Equal(t, []Breach{
		{Wrong, "Servo (1): 5 are available, not 10 - 4 sold = 6"}, {Wrong, "Servo (1): 7 are available, not 10 - 4 sold = 6"},
	}, CheckStock([]Stock{good, reserved, twice}))
}

func TestABrokenOrderBreaksTheVerdictByItsWorstBreach(t *testing.T) {
	for _, kind := range []Kind{Lost, Doubled, Stuck, Wrong, Unread} {
		l := &Load{count: newCounts()}
		record := promised
		r := newResult(l, []verdictOf{
			{record: &record, status: completed},
			{record: &record, status: rejected, breaches: []Breach{{Unread, "x"}, {kind, "y"}}},
		}, nil)
		require.False(t, r.Clean(), kind)
		require.Equal(t, 1, *r.Orders.of(kind), kind)
		require.Equal(t, Orders{Customers: 2, Completed: 1, Rejected: 1}, func() Orders { o := r.Orders; *o.of(kind) = 0; return o }())
		require.Equal(t, "order", r.Broken[0].OrderID)
	}
}

func TestBrokenStockBreaksTheVerdictAndFailedCallsDoIfNoneMay(t *testing.T) {
	require.True(t, (&Result{}).Clean())
	require.False(t, (&Result{Stock: []Breach{{Wrong, "x"}}}).Clean())
	require.True(t, (&Result{FailedCalls: 1}).Clean())
	require.False(t, (&Result{FailedCalls: 1, Strict: true}).Clean())
}
