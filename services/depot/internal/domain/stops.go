package domain

import (
	"math"
	"slices"

	"mallbots.example/pkg/fault"
)

const (
	// maxLines of a list: an order has at most a hundred. What bots are sent stays far below the largest gRPC message.
	maxLines = 1000
	// maxQuantity of one product, summed up: what the API's int32 can say.
	maxQuantity = math.MaxInt32
)

// Line is one line of an order, with what the catalog knows of it.
type Line struct {
	StoreID, StoreName, StoreLocation string
	ProductID, ProductName            string
	Quantity                          int64
}

// Stop is one store to visit.
type Stop struct {
	StoreID       string `json:"store_id"`
	StoreName     string `json:"store_name"`
	StoreLocation string `json:"store_location"`
	// Items are what to collect there, one per product.
	Items []Item `json:"items"`
}

// Item is one product to collect.
type Item struct {
	ProductID   string `json:"product_id"`
	ProductName string `json:"product_name"`
	Quantity    int64  `json:"quantity"`
}

// CheckSize refuses a number of lines of which no list can be made: asked before, it saves looking all of them up.
func CheckSize(lines int) error {
	switch {
	case lines == 0:
		return fault.BadField("items", "must not be empty")
	case lines > maxLines:
		return fault.BadField("items", "must be at most 1000")
	}
	return nil
}

// plan makes one stop of all lines of a store, and one item of all lines of a product, whose quantities add up. Stops and items are in
// the order in which the lines first name them.
func plan(lines []Line) ([]Stop, error) {
	if err := CheckSize(len(lines)); err != nil {
		return nil, err
	}
	var stops []Stop
	for _, line := range lines {
		if err := checkLine(line); err != nil {
			return nil, err
		}
		at := slices.IndexFunc(stops, func(s Stop) bool { return s.StoreID == line.StoreID })
		if at < 0 {
			at = len(stops)
			stops = append(stops, Stop{StoreID: line.StoreID, StoreName: line.StoreName, StoreLocation: line.StoreLocation})
		}
		if err := stops[at].collect(line); err != nil {
			return nil, err
		}
	}
	return stops, nil
}

// collect adds a line to what is collected at the stop.
func (s *Stop) collect(line Line) error {
	at := slices.IndexFunc(s.Items, func(i Item) bool { return i.ProductID == line.ProductID })
	if at < 0 {
		at = len(s.Items)
		s.Items = append(s.Items, Item{ProductID: line.ProductID, ProductName: line.ProductName})
	}
	s.Items[at].Quantity += line.Quantity
	if s.Items[at].Quantity > maxQuantity {
		return fault.BadField("items.quantity", "must be at most 2147483647 of one product")
	}
	return nil
}

func checkLine(line Line) error {
	switch {
	case line.ProductID == "":
		return fault.BadField("items.product_id", "must not be empty")
	case line.StoreID == "":
		return fault.BadField("items.store_id", "must not be empty")
	case line.Quantity < 1 || line.Quantity > maxQuantity: // the second keeps the sums from overflowing
		return fault.BadField("items.quantity", "must be from 1 to 2147483647")
	}
	return nil
}
