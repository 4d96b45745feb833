package domain

import (
	"encoding/json"
	"errors"
	"slices"

	"mallbots.example/pkg/es"
	"mallbots.example/pkg/money"
)

// The events of a basket. They are stored as JSON under their names: neither ever changes without an upcaster.
type (
	// BasketStarted says that a customer has an empty basket.
	BasketStarted struct {
		CustomerID string `json:"customer_id"`
	}
	// ItemAdded says that so many pieces of a product came into the basket.
	ItemAdded struct {
		ProductID string `json:"product_id"`
		StoreID   string `json:"store_id"`
		Quantity  int32  `json:"quantity"`
	}
	// ItemRemoved says that so many pieces of a product left the basket: never more than were there.
	ItemRemoved struct {
		ProductID string `json:"product_id"`
		Quantity  int32  `json:"quantity"`
	}
	// BasketCheckedOut says that the basket becomes an order of these items, at the total that the payment was found to cover.
	BasketCheckedOut struct {
		PaymentID string      `json:"payment_id"`
		Items     []Item      `json:"items"`
		Total     money.Money `json:"total"` // since schema 2
	}
	// BasketCanceled says that the customer left the basket, and what was in it.
	BasketCanceled struct {
		Items []Item `json:"items"`
	}
)

// EventName implements es.Event.
func (BasketStarted) EventName() string { return "basket.started" }

// EventName implements es.Event.
func (ItemAdded) EventName() string { return "basket.item_added" }

// EventName implements es.Event.
func (ItemRemoved) EventName() string { return "basket.item_removed" }

// EventName implements es.Event.
func (BasketCheckedOut) EventName() string { return "basket.checked_out" }

// EventName implements es.Event.
func (BasketCanceled) EventName() string { return "basket.canceled" }

// Codec knows all events of a basket.
func Codec() *es.Codec {
	return es.NewCodec(BasketStarted{}, ItemAdded{}, ItemRemoved{}, BasketCheckedOut{}, BasketCanceled{}).
		Upcast(BasketCheckedOut{}.EventName(), 1, withTotal)
}

// withTotal adds to a checkout of schema 1 the total, which was always the sum then.
func withTotal(checkedOut json.RawMessage) (json.RawMessage, error) {
	var all map[string]json.RawMessage
	var priced struct{ Items []Item }
	if err := errors.Join(json.Unmarshal(checkedOut, &all), json.Unmarshal(checkedOut, &priced)); err != nil {
		return nil, err
	}
	total, err := totalOf(priced.Items)
	if err != nil {
		return nil, err
	}
	if all["total"], err = json.Marshal(total); err != nil {
		return nil, err
	}
	return json.Marshal(all)
}

// Apply implements es.Aggregate.
func (b *Basket) Apply(event es.Event) {
	switch e := event.(type) {
	case BasketStarted:
		b.state = State{CustomerID: e.CustomerID, Status: Open}
	case ItemAdded:
		b.added(e)
	case ItemRemoved:
		b.removed(e)
	case BasketCheckedOut:
		b.state.Status, b.state.PaymentID, b.state.Frozen, b.state.Total = CheckedOut, e.PaymentID, e.Items, e.Total
	case BasketCanceled:
		b.state.Status, b.state.Frozen = Canceled, e.Items
	}
}

func (b *Basket) added(e ItemAdded) {
	if i := b.line(e.ProductID); i >= 0 {
		b.state.Lines[i].Quantity += e.Quantity
		return
	}
	b.state.Lines = append(b.state.Lines, Line(e))
}

func (b *Basket) removed(e ItemRemoved) {
	i := b.line(e.ProductID)
	b.state.Lines[i].Quantity -= e.Quantity
	if b.state.Lines[i].Quantity == 0 {
		b.state.Lines = slices.Delete(b.state.Lines, i, i+1)
	}
}

// Snapshot implements es.Snapshotter.
func (b *Basket) Snapshot() any { return b.state }

// Restore implements es.Snapshotter.
func (b *Basket) Restore(decode func(into any) error) error { return decode(&b.state) }

// SnapshotSchema implements es.Snapshotter.
func (*Basket) SnapshotSchema() int { return 2 }
