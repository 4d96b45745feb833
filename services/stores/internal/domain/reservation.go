package domain

import (
	"cmp"
	"slices"
	"time"

	"mallbots.example/pkg/aggregate"
	"mallbots.example/pkg/fault"
)

// ErrReservationClosed refuses to reserve for an order that has had its reservation.
var ErrReservationClosed = fault.Refuse("RESERVATION_CLOSED", "the order's stock was released, or has left")

// ReservationStatus is where a reservation stands:
//
//	(none) → held → released | left
//	(none) → released | left: a tombstone, so that a reserve that comes late is refused
type ReservationStatus string

// The statuses. One that does not exist yet has none.
const (
	Held     ReservationStatus = "held"     // the pieces are taken from the available stock
	Released ReservationStatus = "released" // given back, or never taken. Final
	Left     ReservationStatus = "left"     // the goods have left the mall with their customer. Final
)

// Line is a number of pieces of a product.
type Line struct {
	ProductID string
	Quantity  int64
}

// ReservationState is what is known of a reservation.
type ReservationState struct {
	Status ReservationStatus
	// Lines are what it took from limited stock, one per product, in the order of their ids. Unlimited stock is not taken from.
	Lines []Line
}

// Reservation is what an order has of the mall's stock: once per order, all of it or nothing.
type Reservation struct {
	aggregate.Root[ReservationStatus]
	state ReservationState
}

// NewReservation is the reservation of an order that stores has not heard of.
func NewReservation(orderID string) *Reservation {
	return &Reservation{Root: aggregate.New[ReservationStatus](orderID)}
}

// RestoreReservation gives the reservation that was stored.
func RestoreReservation(meta aggregate.Meta, state ReservationState) *Reservation {
	return &Reservation{Root: aggregate.Restored[ReservationStatus](meta), state: state}
}

// State is what is known of the reservation now.
func (r *Reservation) State() ReservationState { return r.state }

// Shelf is what a reservation must know of a product. The zero value is that of a product that does not exist.
type Shelf struct {
	Exists        bool
	Removed       bool
	Participating bool // its store does
	Stock         Stock
}

// Reserve takes the lines (see AddUp) for the order, and says what is thereby taken from the shelves: nothing, when the order has its
// reservation already.
func (r *Reservation) Reserve(lines []Line, shelves map[string]Shelf, now time.Time) (taken []Line, err error) {
	switch {
	case r.over():
		return nil, ErrReservationClosed
	case r.state.Status == Held:
		return nil, nil
	}
	if err := checkShelves(lines, shelves); err != nil {
		return nil, err
	}
	for _, line := range lines {
		if _, limited := shelves[line.ProductID].Stock.Available(); limited {
			taken = append(taken, line)
		}
	}
	r.state = ReservationState{Status: Held, Lines: taken}
	r.Record(Held, now)
	return taken, nil
}

// Release ends the reservation because the order does not come about, and says what goes back to the shelves. Goods that have left stay
// away.
func (r *Reservation) Release(now time.Time) (givenBack []Line) {
	if r.over() {
		return nil
	}
	r.state.Status = Released
	r.Record(Released, now)
	return r.state.Lines
}

// Leave ends the reservation because the customer took the goods home: nothing goes back.
func (r *Reservation) Leave(now time.Time) {
	if r.over() {
		return
	}
	r.state.Status = Left
	r.Record(Left, now)
}

// over: what was released must not be taken again by a copy that comes late, and what has left is not there to be given back.
func (r *Reservation) over() bool { return r.state.Status == Released || r.state.Status == Left }

// checkShelves refuses lines that can't be taken. The first reason that holds for any line is given: a product that does not exist will
// not come back into stock.
func checkShelves(lines []Line, shelves map[string]Shelf) error {
	for _, refuse := range []func(Line, Shelf) error{refuseUnknown, refuseRemoved, refuseNotParticipating, refuseOutOfStock} {
		for _, line := range lines {
			if err := refuse(line, shelves[line.ProductID]); err != nil {
				return err
			}
		}
	}
	return nil
}

func refuseUnknown(line Line, shelf Shelf) error {
	if !shelf.Exists {
		return ProductNotFound(line.ProductID)
	}
	return nil
}

func refuseRemoved(line Line, shelf Shelf) error {
	if shelf.Removed {
		return fault.Refuse(ErrRemoved.Reason, "product %s is removed", line.ProductID)
	}
	return nil
}

func refuseNotParticipating(line Line, shelf Shelf) error {
	if !shelf.Participating {
		return fault.Refuse(ErrNotParticipating.Reason, "the store of product %s does not participate", line.ProductID)
	}
	return nil
}

func refuseOutOfStock(line Line, shelf Shelf) error {
	if !shelf.Stock.Covers(line.Quantity) {
		return OutOfStock(line.ProductID)
	}
	return nil
}

const (
	// maxLines of a reservation: an order has at most a hundred, and a statement takes them all (SQLite: 32,766 parameters).
	maxLines = 1000
	// maxQuantity of a line. The sum of maxLines such lines is far from what 64 bits count.
	maxQuantity = 1_000_000_000
)

// AddUp makes one line of all that are of the same product, in the order of the products' ids.
func AddUp(lines []Line) ([]Line, error) {
	switch {
	case len(lines) == 0:
		return nil, fault.BadField("items", "must not be empty")
	case len(lines) > maxLines:
		return nil, fault.BadField("items", "must be at most 1000")
	}
	sums := map[string]int64{}
	for _, line := range lines {
		if line.ProductID == "" {
			return nil, fault.BadField("items.product_id", "must not be empty")
		}
		if line.Quantity < 1 || line.Quantity > maxQuantity {
			return nil, fault.BadField("items.quantity", "must be from 1 to 1000000000")
		}
		sums[line.ProductID] += line.Quantity
	}
	added := make([]Line, 0, len(sums))
	for productID, quantity := range sums {
		added = append(added, Line{ProductID: productID, Quantity: quantity})
	}
	slices.SortFunc(added, func(a, b Line) int { return cmp.Compare(a.ProductID, b.ProductID) })
	return added, nil
}
