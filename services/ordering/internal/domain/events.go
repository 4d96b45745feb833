package domain

import (
	"mallbots.example/pkg/es"
	"mallbots.example/pkg/money"
)

// The events of an order. They are stored as JSON under their names: neither ever changes without an upcaster, but that fields
// are added which may be missing.
type (
	// OrderCreated says that a basket was checked out.
	OrderCreated struct {
		CustomerID string      `json:"customer_id"`
		PaymentID  string      `json:"payment_id"`
		Items      []Item      `json:"items"`
		Total      money.Money `json:"total"`
	}
	// OrderApproved says that all checks succeeded.
	OrderApproved struct {
		ShoppingListID string `json:"shopping_list_id"`
	}
	// OrderRejected says that a check failed, and for which reason.
	OrderRejected struct {
		Reason string `json:"reason"`
	}
	// OrderShoppingStarted says that a bot has the order's list.
	OrderShoppingStarted struct{}
	// OrderReadied says that the bot has collected everything.
	OrderReadied struct{}
	// OrderInvoiced says by which invoice the order is paid.
	OrderInvoiced struct {
		InvoiceID string `json:"invoice_id"`
	}
	// OrderCompleted says that the invoice is paid.
	OrderCompleted struct{}
	// OrderCancelRequested says that the order is to be canceled, and why.
	OrderCancelRequested struct {
		StatusBefore Status `json:"status_before"`
		Cause        Cause  `json:"cause,omitempty"`
	}
	// OrderCancelRefused says that the cancel came too late, and why.
	OrderCancelRefused struct {
		Reason string `json:"reason"`
	}
	// OrderCanceled says that the order holds nothing any more.
	OrderCanceled struct{}
)

// EventName implements es.Event.
func (OrderCreated) EventName() string { return "order.created" }

// EventName implements es.Event.
func (OrderApproved) EventName() string { return "order.approved" }

// EventName implements es.Event.
func (OrderRejected) EventName() string { return "order.rejected" }

// EventName implements es.Event.
func (OrderShoppingStarted) EventName() string { return "order.shopping_started" }

// EventName implements es.Event.
func (OrderReadied) EventName() string { return "order.readied" }

// EventName implements es.Event.
func (OrderInvoiced) EventName() string { return "order.invoiced" }

// EventName implements es.Event.
func (OrderCompleted) EventName() string { return "order.completed" }

// EventName implements es.Event.
func (OrderCancelRequested) EventName() string { return "order.cancel_requested" }

// EventName implements es.Event.
func (OrderCancelRefused) EventName() string { return "order.cancel_refused" }

// EventName implements es.Event.
func (OrderCanceled) EventName() string { return "order.canceled" }

// Codec knows all events of an order.
func Codec() *es.Codec {
	return es.NewCodec(
		OrderCreated{}, OrderApproved{}, OrderRejected{}, OrderShoppingStarted{}, OrderReadied{}, OrderInvoiced{}, OrderCompleted{},
		OrderCancelRequested{}, OrderCancelRefused{}, OrderCanceled{},
	)
}
