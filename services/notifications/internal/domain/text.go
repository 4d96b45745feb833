package domain

import (
	"fmt"
	"strings"

	"mallbots.example/pkg/money"
)

// Order is what a notification needs to know of an order.
type Order struct {
	ID, CustomerID string
	Total          money.Money // the zero Money when it is not known
	RejectReason   string      // UPPER_SNAKE; empty unless rejected
}

// textOf is what a notification says: plain words that fit one SMS of 160 characters (all of them in GSM's alphabet). It has no name in
// it, because it travels through other people's systems.
func textOf(kind Kind, order Order) (text string, ok bool) {
	number := Number(order.ID)
	switch kind {
	case OrderReceived:
		if order.Total == (money.Money{}) {
			return fmt.Sprintf("MallBots: we have received your order %s. We'll tell you when it is ready.", number), true
		}
		return fmt.Sprintf("MallBots: we have received your order %s for %s. We'll tell you when it is ready.", number, order.Total), true
	case OrderReady:
		return fmt.Sprintf("MallBots: your order %s is ready. Please pay at the counter of the depot and take it home.", number), true
	case OrderCanceled:
		return fmt.Sprintf("MallBots: your order %s is canceled. You pay nothing.", number), true
	case OrderRejected:
		return fmt.Sprintf("MallBots: we can't take your order %s: %s. You pay nothing.", number, why(order.RejectReason)), true
	}
	return "", false
}

// Number is what people call an order by: the end of its id, since the beginning is the same for all orders of an hour.
func Number(orderID string) string {
	const length = 8
	return strings.ToUpper(orderID[max(0, len(orderID)-length):])
}

// why puts the reason of a rejection into words. Reasons that mean nothing to a customer, and those that a later release adds, share one.
func why(reason string) string {
	if words, ok := reasons[reason]; ok {
		return words
	}
	return "something went wrong on our side"
}

var reasons = map[string]string{
	"CUSTOMER_NOT_FOUND":        "you are not registered as a customer",
	"CUSTOMER_DISABLED":         "your account is disabled",
	"OUT_OF_STOCK":              "something in it is sold out",
	"PRODUCT_NOT_FOUND":         "something in it is not sold any more",
	"PRODUCT_REMOVED":           "something in it is not sold any more",
	"STORE_NOT_FOUND":           "one of its stores has left the mall",
	"STORE_NOT_PARTICIPATING":   "one of its stores is closed",
	"PAYMENT_NOT_FOUND":         "your payment was not found",
	"PAYMENT_OF_OTHER_CUSTOMER": "the payment belongs to somebody else",
	"PAYMENT_IN_USE":            "the payment is used for another order",
	"PAYMENT_NOT_AUTHORIZED":    "your payment is not authorized",
	"PAYMENT_TOO_SMALL":         "your payment does not cover it",
	"CURRENCY_MISMATCH":         "your payment is in another currency",
}
