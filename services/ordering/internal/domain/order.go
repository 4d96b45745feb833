// Package domain holds the rules about orders. It does no I/O.
package domain

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"mallbots.example/pkg/aggregate"
	"mallbots.example/pkg/es"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/money"
	"mallbots.example/services/internal/mall"
)

// Reasons for which a rule says no.
var (
	ErrCanceling     = fault.Refuse("ORDER_CANCELING", "the order is being canceled")
	ErrNotPending    = fault.Refuse("ORDER_NOT_PENDING", "the order is rejected or canceled")
	ErrNotCancelable = fault.Refuse("ORDER_NOT_CANCELABLE", "a bot has begun, or the order is ready, completed or rejected")
)

// ErrNotApproved says that an event came before the order was approved, which it must have been: it is no refusal, but to be told again
// later.
var ErrNotApproved = errors.New("the order is not approved yet")

// NotFound says that there is no such order.
func NotFound(id string) error { return fault.Missing("ORDER_NOT_FOUND", "there is no order %s", id) }

// Status is where an order stands. It is stored: its values never change.
type Status string

// The statuses: pending → approved → in_progress → ready → completed; pending → rejected; any but the final ones → canceling → canceled,
// see Cause.
const (
	Pending    Status = "pending"
	Approved   Status = "approved"
	InProgress Status = "in_progress"
	Ready      Status = "ready"
	Completed  Status = "completed"
	Rejected   Status = "rejected"
	Canceling  Status = "canceling"
	Canceled   Status = "canceled"
)

// Final reports whether an order of this status never changes again.
func (s Status) Final() bool { return s == Completed || s == Rejected || s == Canceled }

// Item is a line of an order, as it was at checkout.
type Item struct {
	ProductID   string      `json:"product_id"`
	StoreID     string      `json:"store_id"`
	ProductName string      `json:"product_name"`
	StoreName   string      `json:"store_name"`
	Price       money.Money `json:"price"` // of one piece
	Quantity    int32       `json:"quantity"`
}

// Draft is what a customer has chosen at checkout.
type Draft struct {
	CustomerID string
	PaymentID  string
	Items      []Item
}

// State is what is known of an order.
type State struct {
	CustomerID     string      `json:"customer_id"`
	PaymentID      string      `json:"payment_id"`
	Items          []Item      `json:"items"` // never changed in place: views share them
	Total          money.Money `json:"total"`
	ShoppingListID string      `json:"shopping_list_id"` // empty until it is approved
	InvoiceID      string      `json:"invoice_id"`       // empty until it is invoiced
	Status         Status      `json:"status"`
	RejectReason   string      `json:"reject_reason"` // UPPER_SNAKE, empty unless rejected
}

// View is an order as it is, or was, at one version: what others may know of it.
type View struct {
	aggregate.Meta
	State
}

// Happening is an event and the order right after it.
type Happening struct {
	Event es.Event
	Order View
}

// Order is what a customer bought.
type Order struct {
	es.Root
	state State
	// canceledFrom is what the order was when its cancel was asked for; empty while nobody did, and again when the cancel was refused. An
	// order that has it and is not canceling went on because a bot was faster.
	canceledFrom Status
	// cause is why it was asked for, the last time.
	cause Cause
	// cancelRefused is set when the cancel of the approved order was refused: it is not asked again.
	cancelRefused bool
	happened      []Happening
}

// Create makes the pending order of a basket that was checked out. The order's id is the basket's.
func Create(id string, draft Draft, now time.Time) (*Order, error) {
	if err := checkDraft(id, draft); err != nil {
		return nil, err
	}
	total, err := totalOf(draft.Items)
	if err != nil {
		return nil, err
	}
	o := &Order{Root: es.NewRoot(id)}
	o.raise(OrderCreated{CustomerID: draft.CustomerID, PaymentID: draft.PaymentID, Items: slices.Clone(draft.Items), Total: total}, now)
	return o, nil
}

// State is what is known of the order now.
func (o *Order) State() State { return o.state }

// View is the order as it is now.
func (o *Order) View() View {
	return View{
		Meta:  aggregate.Meta{ID: o.ID(), Version: o.Version(), CreatedAt: o.CreatedAt(), UpdatedAt: o.UpdatedAt()},
		State: o.state,
	}
}

// Happened is what happened since the order was made or loaded, oldest first, each with the order right after it: of two things that
// one message brings about, each is told with a version of its own.
func (o *Order) Happened() []Happening { return o.happened }

func (o *Order) raise(event es.Event, now time.Time) {
	es.Raise(o, event, now)
	o.happened = append(o.happened, Happening{Event: event, Order: o.View()})
}

// maxQuantity of a line, which is also that of a basket's: a hundred lines of it at the highest price still can be counted.
const maxQuantity = 10_000

func checkDraft(id string, draft Draft) error {
	var broken []fault.Field
	need := func(name, value string) {
		if value == "" {
			broken = append(broken, fault.Field{Name: name, Description: "must not be blank"})
		}
	}
	need("id", id)
	need("customer_id", draft.CustomerID)
	need("payment_id", draft.PaymentID)
	if len(draft.Items) == 0 {
		broken = append(broken, fault.Field{Name: "items", Description: "must not be empty"})
	}
	for i, item := range draft.Items {
		at := fmt.Sprintf("items[%d].", i)
		need(at+"product_id", item.ProductID)
		need(at+"store_id", item.StoreID)
		if item.Quantity < 1 || item.Quantity > maxQuantity {
			broken = append(broken, fault.Field{Name: at + "quantity", Description: "must be 1 to 10,000"})
		}
		if item.Price.IsNegative() {
			broken = append(broken, fault.Field{Name: at + "price", Description: "must not be negative"})
		}
	}
	return fault.BadFields(broken...)
}

// totalOf is the sum of price times quantity; each price must be in the currency of the mall.
func totalOf(items []Item) (money.Money, error) {
	sum := money.Zero(mall.Currency)
	for _, item := range items {
		line, err := item.Price.Times(int64(item.Quantity))
		if err != nil {
			return money.Money{}, err
		}
		if sum, err = sum.Add(line); err != nil {
			return money.Money{}, err
		}
	}
	return sum, nil
}
