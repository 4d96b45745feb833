// Package convert turns stores and products into the form of the API, which RPC answers and messages share.
package convert

import (
	"google.golang.org/protobuf/types/known/timestamppb"

	storesv1 "mallbots.example/api/mallbots/stores/v1"
	"mallbots.example/pkg/money/moneypb"
	"mallbots.example/services/stores/internal/domain"
)

// Store is the public state of a store.
func Store(s domain.StoreView) *storesv1.Store {
	return &storesv1.Store{
		Id: s.ID, Name: s.Name, Location: s.Location, Participating: s.Participating,
		CreateTime: timestamppb.New(s.CreatedAt), UpdateTime: timestamppb.New(s.UpdatedAt), Version: s.Version,
	}
}

// Product is the public state of a product, without its stock: for events, since stock changes without the version by which they are known.
func Product(p domain.ProductView) *storesv1.Product {
	return &storesv1.Product{
		Id: p.ID, StoreId: p.StoreID, Name: p.Name, Description: p.Description, Sku: p.SKU, Price: moneypb.ToProto(p.Price),
		Removed: p.Removed, CreateTime: timestamppb.New(p.CreatedAt), UpdateTime: timestamppb.New(p.UpdatedAt), Version: p.Version,
	}
}

// Listing is the public state of a product with its stock: for answers.
func Listing(l domain.Listing) *storesv1.Product {
	product := Product(l.ProductView)
	if available, limited := l.Stock.Available(); limited {
		product.AvailableStock = &available
	}
	return product
}
