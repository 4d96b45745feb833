package domain

import (
	"time"

	"mallbots.example/pkg/aggregate"
	"mallbots.example/pkg/es"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/money"
	"mallbots.example/services/internal/mall"
)

// Reasons for which a rule about products says no.
var (
	ErrRemoved       = fault.Refuse("PRODUCT_REMOVED", "the product is removed")
	ErrNotAnIncrease = fault.Refuse("PRICE_NOT_AN_INCREASE", "the new price is below the present one")
	ErrNotADecrease  = fault.Refuse("PRICE_NOT_A_DECREASE", "the new price is above the present one")
	ErrSKUTaken      = fault.Refuse("SKU_TAKEN", "another product of the store, perhaps a removed one, has this sku")
)

// ProductNotFound says that there is no such product.
func ProductNotFound(id string) error {
	return fault.Missing("PRODUCT_NOT_FOUND", "there is no product %s", id)
}

// ProductAdded is the first event of every product.
type ProductAdded struct {
	StoreID     string      `json:"store_id"`
	Name        string      `json:"name"`
	Description string      `json:"description"`
	SKU         string      `json:"sku"`
	Price       money.Money `json:"price"`
}

// ProductRebranded says that a product has another name or description.
type ProductRebranded struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

// ProductPriceIncreased says that a product costs more. It carries the price and not the difference: a price is what customers are told.
type ProductPriceIncreased struct {
	Price money.Money `json:"price"`
}

// ProductPriceDecreased says that a product costs less.
type ProductPriceDecreased struct {
	Price money.Money `json:"price"`
}

// ProductRemoved says that a product is not sold any more.
type ProductRemoved struct{}

// EventName implements es.Event.
func (ProductAdded) EventName() string { return "product.added" }

// EventName implements es.Event.
func (ProductRebranded) EventName() string { return "product.rebranded" }

// EventName implements es.Event.
func (ProductPriceIncreased) EventName() string { return "product.price_increased" }

// EventName implements es.Event.
func (ProductPriceDecreased) EventName() string { return "product.price_decreased" }

// EventName implements es.Event.
func (ProductRemoved) EventName() string { return "product.removed" }

// ProductCodec knows all events of a product.
func ProductCodec() *es.Codec {
	return es.NewCodec(ProductAdded{}, ProductRebranded{}, ProductPriceIncreased{}, ProductPriceDecreased{}, ProductRemoved{})
}

// ProductState is what is known of a product. It is stored in snapshots: a change of its form raises Product.SnapshotSchema.
type ProductState struct {
	StoreID     string      `json:"store_id"`
	Name        string      `json:"name"`
	Description string      `json:"description"`
	SKU         string      `json:"sku"` // the store's own number for it; may be empty
	Price       money.Money `json:"price"`
	Removed     bool        `json:"removed"`
}

// CheckSold refuses a removed product: it can't be changed or reserved, and there is no way back.
func (s ProductState) CheckSold() error {
	if s.Removed {
		return ErrRemoved
	}
	return nil
}

// ProductView is a product as it was at one of its versions.
type ProductView struct {
	aggregate.Meta
	ProductState
}

// Listing is a product in the catalog: with its stock, which changes without the product's version.
type Listing struct {
	ProductView
	Stock Stock
}

// Product is a thing that a store sells. Its stock is not part of it (see Reservation): it would make every order for a popular product
// a change of the one aggregate.
type Product struct {
	es.Root
	state ProductState
}

// NewProduct is what a store says of a product that it adds.
type NewProduct struct {
	StoreID, Name, Description, SKU string
	Price                           money.Money
}

// AddProduct puts a product on the shelf. That the store exists, and that no other of its products has the sku, is for the caller to check.
func AddProduct(id string, p NewProduct, now time.Time) (*Product, error) {
	if err := checkName(p.Name); err != nil {
		return nil, err
	}
	if err := checkPrice(p.Price); err != nil {
		return nil, err
	}
	if err := mall.CheckCurrency(p.Price); err != nil {
		return nil, err
	}
	product := &Product{Root: es.NewRoot(id)}
	es.Raise(product, ProductAdded(p), now)
	return product, nil
}

// View is the product as it is now.
func (p *Product) View() ProductView { return ProductView{Meta: meta(&p.Root), ProductState: p.state} }

// Rebrand gives the product another name and description. Those that it has change nothing.
func (p *Product) Rebrand(name, description string, now time.Time) error {
	if err := checkName(name); err != nil {
		return err
	}
	if err := p.state.CheckSold(); err != nil {
		return err
	}
	if name != p.state.Name || description != p.state.Description {
		es.Raise(p, ProductRebranded{Name: name, Description: description}, now)
	}
	return nil
}

// IncreasePrice raises the price. The price that it has changes nothing.
func (p *Product) IncreasePrice(price money.Money, now time.Time) error {
	difference, err := p.comparePrice(price)
	switch {
	case err != nil:
		return err
	case difference < 0:
		return ErrNotAnIncrease
	case difference > 0:
		es.Raise(p, ProductPriceIncreased{Price: price}, now)
	}
	return nil
}

// DecreasePrice lowers the price, to nothing at the least. The price that it has changes nothing.
func (p *Product) DecreasePrice(price money.Money, now time.Time) error {
	difference, err := p.comparePrice(price)
	switch {
	case err != nil:
		return err
	case difference > 0:
		return ErrNotADecrease
	case difference < 0:
		es.Raise(p, ProductPriceDecreased{Price: price}, now)
	}
	return nil
}

// comparePrice is positive for a price that is above the present one and that the product may have.
func (p *Product) comparePrice(price money.Money) (int, error) {
	if err := checkPrice(price); err != nil {
		return 0, err
	}
	if err := p.state.CheckSold(); err != nil {
		return 0, err
	}
	if err := mall.CheckCurrency(price); err != nil {
		return 0, err
	}
	return price.Compare(p.state.Price)
}

// Remove takes the product out of the catalog for good. What orders have reserved of it stays theirs.
func (p *Product) Remove(now time.Time) error {
	if err := p.state.CheckSold(); err != nil {
		return err
	}
	es.Raise(p, ProductRemoved{}, now)
	return nil
}

// Apply implements es.Aggregate.
func (p *Product) Apply(event es.Event) {
	switch e := event.(type) {
	case ProductAdded:
		p.state = ProductState{StoreID: e.StoreID, Name: e.Name, Description: e.Description, SKU: e.SKU, Price: e.Price}
	case ProductRebranded:
		p.state.Name, p.state.Description = e.Name, e.Description
	case ProductPriceIncreased:
		p.state.Price = e.Price
	case ProductPriceDecreased:
		p.state.Price = e.Price
	case ProductRemoved:
		p.state.Removed = true
	}
}

// Snapshot implements es.Snapshotter.
func (p *Product) Snapshot() any { return p.state }

// Restore implements es.Snapshotter.
func (p *Product) Restore(decode func(into any) error) error { return decode(&p.state) }

// SnapshotSchema implements es.Snapshotter.
func (*Product) SnapshotSchema() int { return 1 }

// checkPrice: what is given away costs nothing, but no one is paid for taking it.
func checkPrice(price money.Money) error {
	if price.IsNegative() {
		return fault.BadField("price.minor_units", "must not be negative")
	}
	return nil
}
