// Package account shops in a mall as polite customers do, remembers what they were told, and compares it in the end with what the mall
// says. It knows the mall by gRPC only, so it can judge any: in this process, on a machine whose processes are killed, in a cluster.
//
// A promise is made when a call is answered OK. Each changing call has a request_id and is tried again with that same id until it is
// answered, so that "the answer was lost" ends as yes or no. See Check and CheckStock for what must hold of each order and of the stock.
package account

import (
	depotv1 "mallbots.example/api/mallbots/depot/v1"
	notificationsv1 "mallbots.example/api/mallbots/notifications/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
)

// Promise is what a customer may count on, by how the checkout ended.
type Promise int

// The promises there are.
const (
	// NoOrder: the checkout was never asked for, was refused, or the basket was taken back. There must be no order.
	NoOrder Promise = iota
	// AnOrder: the checkout was answered OK, or the mall said later that the basket is checked out. There must be one order.
	AnOrder
	// Unknown: the checkout was never answered, nor was what was asked about it afterwards. There may be an order.
	Unknown
)

// Record is what one customer was told. It is kept until the account is settled, so it holds ids and no messages.
type Record struct {
	CustomerID string
	BasketID   string // the order has its id
	PaymentID  string
	Total      int64 // of the basket, in minor units
	Promise    Promise
	// Refused are the refusals of calls that nothing speaks against, such as "CheckoutBasket: BASKET_NOT_OPEN".
	Refused []string
}

// Facts are what the mall says about one customer who shopped once.
type Facts struct {
	Orders        []*orderingv1.Order
	Payment       *paymentsv1.Payment // nil: none was authorized, or it is gone
	Invoices      []*paymentsv1.Invoice
	Lists         []*depotv1.ShoppingList
	Notifications []*notificationsv1.Notification
}

// Kind groups what can be wrong.
type Kind string

// The kinds of breaches, the worst first: an order has the first kind that holds of it.
const (
	// Lost is an order, or its payment, that was promised and does not exist.
	Lost Kind = "lost"
	// Doubled is what exists more often than it may.
	Doubled Kind = "doubled"
	// Stuck is an order that has not come to an end.
	Stuck Kind = "stuck"
	// Wrong is everything else: money, invoices, lists or messages that do not agree with how the order ended.
	Wrong Kind = "wrong"
	// Unread is what could not be found out.
	Unread Kind = "unread"
)

// Breach is one thing that is wrong.
type Breach struct {
	Kind Kind   `json:"kind"`
	What string `json:"what"`
}
