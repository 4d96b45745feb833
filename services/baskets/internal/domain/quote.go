package domain

import (
	"fmt"
	"strings"

	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/money"
)

// Offer is a product as its store offers it now.
type Offer struct {
	ProductID, ProductName string
	StoreID, StoreName     string
	Price                  money.Money // of one piece
	Removed                bool        // not sold any more
	Participating          bool        // of the store
}

// check says whether the product can be put into a basket.
func (o Offer) check() error {
	if o.ProductID == "" {
		return fault.BadField("product_id", "must not be blank")
	}
	if refusal := o.unavailable(); refusal != nil {
		return refusal
	}
	return nil
}

// unavailable is why the product is not to be had, nil while it is.
func (o Offer) unavailable() *fault.Error {
	switch {
	case o.Removed:
		return ErrProductRemoved
	case !o.Participating:
		return ErrStoreNotParticipating
	}
	return nil
}

// Offers are the products that are in question, by their ids.
type Offers map[string]Offer

// price is a line at the names and price of its offer. One without an offer is a mistake of the program, not of the caller.
func (o Offers) price(line Line) (Item, error) {
	offer, ok := o[line.ProductID]
	if !ok {
		return Item{}, fmt.Errorf("no offer of product %s, which is in the basket", line.ProductID)
	}
	return Item{
		ProductID: line.ProductID, StoreID: line.StoreID, ProductName: offer.ProductName, StoreName: offer.StoreName,
		Price: offer.Price, Quantity: line.Quantity,
	}, nil
}

// Item is a line with its names and price.
type Item struct {
	ProductID   string      `json:"product_id"`
	StoreID     string      `json:"store_id"`
	ProductName string      `json:"product_name"`
	StoreName   string      `json:"store_name"`
	Price       money.Money `json:"price"` // of one piece
	Quantity    int32       `json:"quantity"`
}

// Quote is what a basket holds and what that costs.
type Quote struct {
	Items []Item
	// Total is the sum of all items, the zero Money while there are none. What is not to be had any more is part of it: the total must not
	// change behind the back of a customer who has seen it, and nothing is paid before they took it out.
	Total money.Money
	// Unavailable are the reasons why products of an open basket are not to be had any more, by their ids.
	Unavailable map[string]string
}

func quoteOf(items []Item) (Quote, error) {
	sum, err := totalOf(items)
	return Quote{Items: items, Total: sum}, err
}

// maxNamed lines are named in a refusal: who has more to take out sees all of them in the basket.
const maxNamed = 3

// checkAvailable refuses to sell what is not to be had any more.
func (q Quote) checkAvailable() error {
	var gone []string
	for _, item := range q.Items {
		if reason := q.Unavailable[item.ProductID]; reason != "" {
			gone = append(gone, fmt.Sprintf("%q of %q (%s)", item.ProductName, item.StoreName, reason))
		}
	}
	if len(gone) == 0 {
		return nil
	}
	named := strings.Join(gone[:min(len(gone), maxNamed)], ", ")
	if more := len(gone) - maxNamed; more > 0 {
		named += fmt.Sprintf(" and %d more", more)
	}
	return fault.Refuse(ErrUnavailable.Reason, "not to be had any more: %s; take it out of the basket", named)
}

// totalOf is the sum of price times quantity. No items have no currency either, hence the zero Money.
func totalOf(items []Item) (sum money.Money, err error) {
	for i, item := range items {
		cost, err := item.Price.Times(int64(item.Quantity))
		if err != nil {
			return money.Money{}, err
		}
		if i == 0 {
			sum = cost
		} else if sum, err = sum.Add(cost); err != nil {
			return money.Money{}, err
		}
	}
	return sum, nil
}
