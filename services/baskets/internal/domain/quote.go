package domain

import (
	"fmt"

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
	switch {
	case o.ProductID == "":
		return fault.BadField("product_id", "must not be blank")
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
	Total money.Money // the zero Money while there are no items
}

func quoteOf(items []Item) (Quote, error) {
	sum, err := totalOf(items)
	return Quote{Items: items, Total: sum}, err
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
