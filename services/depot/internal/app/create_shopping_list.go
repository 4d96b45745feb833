package app

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/depot/internal/domain"
)

// Wanted is a number of pieces of a product that an order is for.
type Wanted struct {
	ProductID string
	Quantity  int64
}

// CreateShoppingList makes the pending list of an order, within a unit of work. An order that has one gets the same again, and one whose
// list was canceled before it was made gets none.
func (a *App) CreateShoppingList(ctx context.Context, tx *store.Tx, orderID string, wanted []Wanted) (*domain.ShoppingList, error) {
	list, found, err := a.lists.OfOrder(ctx, tx, orderID)
	if err != nil {
		return nil, err
	}
	if found {
		return list, list.CreatedAgain()
	}
	lines, err := a.lines(ctx, tx, wanted)
	if err != nil {
		return nil, err
	}
	if list, err = domain.CreateShoppingList(a.newID(), orderID, lines, a.clock.Now()); err != nil {
		return nil, err
	}
	return list, a.save(ctx, tx, list)
}

// lines adds to what is wanted what the catalog knows of it, in two queries however much it is. Which store sells a product is for the
// catalog to say.
func (a *App) lines(ctx context.Context, tx *store.Tx, wanted []Wanted) ([]domain.Line, error) {
	if err := domain.CheckSize(len(wanted)); err != nil {
		return nil, err
	}
	ids := make([]string, len(wanted))
	for i, w := range wanted {
		ids[i] = w.ProductID
	}
	products, err := a.catalog.Products(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	for i, w := range wanted {
		ids[i] = products[w.ProductID].StoreID
	}
	stores, err := a.catalog.Stores(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	lines := make([]domain.Line, len(wanted))
	for i, w := range wanted {
		product := products[w.ProductID]
		shop := stores[product.StoreID]
		lines[i] = domain.Line{
			StoreID: shop.ID, StoreName: shop.Name, StoreLocation: shop.Location,
			ProductID: product.ID, ProductName: product.Name, Quantity: w.Quantity,
		}
	}
	return lines, nil
}
