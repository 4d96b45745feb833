// Package domain holds the rules about baskets. It does no I/O.
package domain

import (
	"slices"
	"strings"
	"time"

	"mallbots.example/pkg/es"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/money"
)

// Limits of a basket, from the contract: at the highest price of the mall its total still fits 64 bits.
const (
	MaxLines    = 100
	MaxQuantity = 10_000 // pieces of one product
)

// Reasons for which a rule says no.
var (
	ErrNotOpen               = fault.Refuse("BASKET_NOT_OPEN", "the basket is checked out or canceled")
	ErrFull                  = fault.Refuse("BASKET_FULL", "a basket holds at most %d products, and %d pieces of each", MaxLines, MaxQuantity)
	ErrEmpty                 = fault.Refuse("BASKET_EMPTY", "the basket has no items")
	ErrProductRemoved        = fault.Refuse("PRODUCT_REMOVED", "the product is not sold any more")
	ErrUnavailable           = fault.Refuse("PRODUCT_UNAVAILABLE", "something in the basket is not to be had any more")
	ErrStoreNotParticipating = fault.Refuse("STORE_NOT_PARTICIPATING", "the store of the product does not participate in the mall")
)

// ItemNotFound says that a product is not in the basket.
func ItemNotFound(productID string) error {
	return fault.Missing("ITEM_NOT_FOUND", "there is no product %s in the basket", productID)
}

// Status is where a basket stands. It is stored: its values never change.
type Status string

// The statuses: open → checked_out | canceled.
const (
	Open       Status = "open"
	CheckedOut Status = "checked_out"
	Canceled   Status = "canceled"
)

// Line is what a basket holds of one product.
type Line struct {
	ProductID string `json:"product_id"`
	StoreID   string `json:"store_id"`
	Quantity  int32  `json:"quantity"`
}

// State is what is known of a basket.
type State struct {
	CustomerID string      `json:"customer_id"`
	PaymentID  string      `json:"payment_id"` // empty before checkout
	Status     Status      `json:"status"`
	Lines      []Line      `json:"lines"`          // one per product, in the order in which they were first added
	Frozen     []Item      `json:"frozen"`         // the lines with names and prices as they were when the basket ceased to be open
	Total      money.Money `json:"total,omitzero"` // what the customer agreed to pay; the zero Money before checkout
}

// Basket is what a customer is about to buy.
type Basket struct {
	es.Root
	state State
}

// Start gives a customer an empty basket.
func Start(id, customerID string, now time.Time) (*Basket, error) {
	if strings.TrimSpace(customerID) == "" {
		return nil, fault.BadField("customer_id", "must not be blank")
	}
	b := &Basket{Root: es.NewRoot(id)}
	es.Raise(b, BasketStarted{CustomerID: customerID}, now)
	return b, nil
}

// State is what is known of the basket now.
func (b *Basket) State() State {
	state := b.state
	state.Lines, state.Frozen = slices.Clone(state.Lines), slices.Clone(state.Frozen)
	return state
}

// ProductIDs are the products whose offers Quote, CheckOut and Cancel need: those of an open basket, and none of a frozen one.
func (b *Basket) ProductIDs() []string {
	if b.state.Status != Open {
		return nil
	}
	ids := make([]string, len(b.state.Lines))
	for i, line := range b.state.Lines {
		ids[i] = line.ProductID
	}
	return ids
}

// AddItem puts pieces of the product on offer into the basket; of one already there, it adds the quantities. Names and price are not
// kept: until the basket is frozen they are those of the day.
func (b *Basket) AddItem(offer Offer, quantity int32, now time.Time) error {
	if err := checkQuantity(quantity); err != nil {
		return err
	}
	if b.state.Status != Open {
		return ErrNotOpen
	}
	if err := offer.check(); err != nil {
		return err
	}
	if err := b.checkRoom(offer.ProductID, quantity); err != nil {
		return err
	}
	es.Raise(b, ItemAdded{ProductID: offer.ProductID, StoreID: offer.StoreID, Quantity: quantity}, now)
	return nil
}

// RemoveItem takes pieces of a product out of the basket. As many as are there, or more, drop the line.
func (b *Basket) RemoveItem(productID string, quantity int32, now time.Time) error {
	if err := checkQuantity(quantity); err != nil {
		return err
	}
	i := b.line(productID)
	if i < 0 {
		return ItemNotFound(productID)
	}
	if b.state.Status != Open {
		return ErrNotOpen
	}
	es.Raise(b, ItemRemoved{ProductID: productID, Quantity: min(quantity, b.state.Lines[i].Quantity)}, now)
	return nil
}

// CheckOut freezes names and prices as they are in offers, and turns the basket into an order that the payment covers. A product that
// was removed meanwhile, or whose store left the mall, must be taken out first. Offers may be a moment behind: whether the order can be
// had is decided by stores, when it reserves.
func (b *Basket) CheckOut(payment Payment, offers Offers, now time.Time) error {
	if b.state.Status != Open {
		return ErrNotOpen
	}
	if len(b.state.Lines) == 0 {
		return ErrEmpty
	}
	quote, err := b.Quote(offers)
	if err != nil {
		return err
	}
	if err := quote.checkAvailable(); err != nil {
		return err
	}
	if err := payment.covers(b, quote.Total); err != nil {
		return err
	}
	es.Raise(b, BasketCheckedOut{PaymentID: payment.ID, Items: quote.Items, Total: quote.Total}, now)
	return nil
}

// Cancel leaves the basket for good. It stays readable, with names and prices as they are in offers.
func (b *Basket) Cancel(offers Offers, now time.Time) error {
	if b.state.Status != Open {
		return ErrNotOpen
	}
	quote, err := b.Quote(offers)
	if err != nil {
		return err
	}
	es.Raise(b, BasketCanceled{Items: quote.Items}, now)
	return nil
}

// Quote is what the basket holds and costs: at the prices of offers while it is open, then at the frozen ones. What a checked-out basket
// costs was agreed; it is not reckoned again.
func (b *Basket) Quote(offers Offers) (Quote, error) {
	switch b.state.Status {
	case CheckedOut:
		return Quote{Items: slices.Clone(b.state.Frozen), Total: b.state.Total}, nil
	case Canceled:
		return quoteOf(slices.Clone(b.state.Frozen))
	default:
	}
	items, unavailable := make([]Item, len(b.state.Lines)), map[string]string{}
	for i, line := range b.state.Lines {
		item, err := offers.price(line)
		if err != nil {
			return Quote{}, err
		}
		items[i] = item
		if refusal := offers[line.ProductID].unavailable(); refusal != nil {
			unavailable[line.ProductID] = refusal.Reason
		}
	}
	quote, err := quoteOf(items)
	if len(unavailable) > 0 {
		quote.Unavailable = unavailable
	}
	return quote, err
}

// line is where the product is among the lines, or -1.
func (b *Basket) line(productID string) int {
	return slices.IndexFunc(b.state.Lines, func(l Line) bool { return l.ProductID == productID })
}

func checkQuantity(quantity int32) error {
	if quantity < 1 {
		return fault.BadField("quantity", "must be at least 1")
	}
	return nil
}

// checkRoom keeps a basket within its limits.
func (b *Basket) checkRoom(productID string, quantity int32) error {
	there := int32(0)
	if i := b.line(productID); i >= 0 {
		there = b.state.Lines[i].Quantity
	} else if len(b.state.Lines) == MaxLines {
		return ErrFull
	}
	if quantity > MaxQuantity-there {
		return ErrFull
	}
	return nil
}
