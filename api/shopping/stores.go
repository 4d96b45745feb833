package shopping

import (
	"context"
	"fmt"

	storesv1 "mallbots.example/api/mallbots/stores/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
)

// currency is the one that all prices of the mall are in.
const currency = "USD"

type product struct {
	name, description, sku string
	price                  int64 // minor units
	stock                  int64
}

var openings = []struct {
	name, location string
	products       []product
}{
	{"Waldorf Books", "first floor, next to the fountain", []product{
		{"The Pragmatic Robot", "paperback, 320 pages", "WB-001", 2499, 10_000},
		{"Sagas of the North", "hardcover, illustrated", "WB-002", 3995, 10_000},
		{"Bookmark, brass", "", "WB-003", 650, 10_000},
	}},
	{"Copper Kettle Teas", "ground floor, west wing", []product{
		{"Assam, 250 g", "strong and malty", "CK-010", 1290, 10_000},
		{"Jasmine pearls, 100 g", "hand rolled", "CK-011", 1875, 10_000},
	}},
	{"Tinker & Daughters", "basement, behind the elevators", []product{
		{"Soldering iron", "60 W, with stand", "TD-100", 4200, 10_000},
		{"Jumper wires, 120 pieces", "", "TD-101", 899, 10_000},
		{"Servo motor", "180 degrees, metal gears", "TD-102", 1450, 10_000},
	}},
}

// Opened counts what was made.
type Opened struct{ Stores, Products int }

// OpenStores opens some stores with products, unless the mall has any.
func (c *Client) OpenStores(ctx context.Context) (Opened, error) {
	client := c.Stores
	listed, err := client.ListStores(ctx, &storesv1.ListStoresRequest{PageSize: 1})
	if err != nil || len(listed.GetStores()) > 0 {
		return Opened{}, err
	}
	var made Opened
	for _, s := range openings {
		created, err := client.CreateStore(ctx, &storesv1.CreateStoreRequest{Name: s.name, Location: s.location})
		if err != nil {
			return made, fmt.Errorf("store %s: %w", s.name, err)
		}
		made.Stores++
		storeID := created.GetStore().GetId()
		if _, err := client.EnableParticipation(ctx, &storesv1.EnableParticipationRequest{Id: storeID}); err != nil {
			return made, fmt.Errorf("store %s: %w", s.name, err)
		}
		for _, p := range s.products {
			if _, err := client.AddProduct(ctx, &storesv1.AddProductRequest{
				StoreId: storeID, Name: p.name, Description: p.description, Sku: p.sku, Stock: &p.stock,
				Price: &typev1.Money{CurrencyCode: currency, MinorUnits: p.price},
			}); err != nil {
				return made, fmt.Errorf("product %s: %w", p.name, err)
			}
			made.Products++
		}
	}
	return made, nil
}
