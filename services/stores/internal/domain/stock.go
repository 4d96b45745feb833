package domain

import "mallbots.example/pkg/fault"

// Reasons for which a rule about stock says no.
var (
	ErrUnlimited  = fault.Refuse("STOCK_UNLIMITED", "the product's stock is unlimited: there is nothing to adjust")
	ErrOutOfStock = fault.Refuse("OUT_OF_STOCK", "fewer pieces are available than asked for")
)

// OutOfStock is ErrOutOfStock with the product named.
func OutOfStock(productID string) error {
	return fault.Refuse(ErrOutOfStock.Reason, "fewer pieces of product %s are available than asked for", productID)
}

// Stock is how many pieces of a product can be reserved: a number, never below zero, or as many as anyone wants.
type Stock struct {
	limited   bool
	available int64
}

// Unlimited is the stock of what never runs out.
func Unlimited() Stock { return Stock{} }

// Limited is a stock of so many pieces.
func Limited(available int64) (Stock, error) {
	if available < 0 {
		return Stock{}, fault.BadField("stock", "must not be negative")
	}
	return Stock{limited: true, available: available}, nil
}

// Available is the number of pieces, which means nothing unless limited is true.
func (s Stock) Available() (pieces int64, limited bool) { return s.available, s.limited }

// Covers reports whether so many pieces can be reserved.
func (s Stock) Covers(quantity int64) bool { return !s.limited || s.available >= quantity }

// maxDelta is the most that one adjustment adds or takes; the contract has the same limit. With it, nine billion deliveries fit into the
// count of one product.
const maxDelta = 1_000_000_000

// Adjust is the stock after a delivery (positive) or a loss (negative). What is reserved is not there to be lost: it has its owner.
func (s Stock) Adjust(delta int64) (Stock, error) {
	switch {
	case delta == 0:
		return s, fault.BadField("delta", "must not be 0")
	case delta > maxDelta || delta < -maxDelta:
		return s, fault.BadField("delta", "must be at most 1000000000 in either direction")
	case !s.limited:
		return s, ErrUnlimited
	case s.available+delta < 0:
		return s, ErrOutOfStock
	}
	return Stock{limited: true, available: s.available + delta}, nil
}
