package store

import (
	"context"

	"mallbots.example/pkg/store"
	"mallbots.example/services/baskets/internal/domain"
	"mallbots.example/services/internal/catalog"
)

// Offers implements app.Offers.
type Offers struct{ catalog *catalog.Catalog }

// NewOffers reads offers from the catalog.
func NewOffers(c *catalog.Catalog) Offers { return Offers{catalog: c} }

// Of implements app.Offers: two queries, whatever the number of products.
func (o Offers) Of(ctx context.Context, tx *store.Tx, productIDs []string) (domain.Offers, error) {
	products, err := o.catalog.Products(ctx, tx, productIDs)
	if err != nil {
		return nil, err
	}
	storeIDs := make([]string, 0, len(products))
	for _, product := range products {
		storeIDs = append(storeIDs, product.StoreID)
	}
	stores, err := o.catalog.Stores(ctx, tx, storeIDs)
	if err != nil {
		return nil, err
	}
	offers := make(domain.Offers, len(products))
	for id, product := range products {
		shop := stores[product.StoreID]
		offers[id] = domain.Offer{
			ProductID: id, ProductName: product.Name, StoreID: shop.ID, StoreName: shop.Name,
			Price: product.Price, Removed: product.Removed, Participating: shop.Participating,
		}
	}
	return offers, nil
}

// Confirm implements app.Offers.
func (o Offers) Confirm(ctx context.Context, tx *store.Tx, offer domain.Offer) (domain.Offer, error) {
	shop, err := o.catalog.RefreshStore(ctx, tx, offer.StoreID)
	if err != nil {
		return domain.Offer{}, err
	}
	offer.StoreName, offer.Participating = shop.Name, shop.Participating
	return offer, nil
}
