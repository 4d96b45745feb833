package rpc

import (
	"context"

	storesv1 "mallbots.example/api/mallbots/stores/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/money"
	"mallbots.example/pkg/money/moneypb"
	"mallbots.example/pkg/rpc"
	"mallbots.example/services/stores/internal/convert"
	"mallbots.example/services/stores/internal/domain"
)

// AddProduct implements the RPC.
func (s *Server) AddProduct(ctx context.Context, req *storesv1.AddProductRequest) (*storesv1.AddProductResponse, error) {
	price, err := price(req.GetPrice())
	if err != nil {
		return nil, err
	}
	stock, err := stock(req.Stock)
	if err != nil {
		return nil, err
	}
	product, err := s.app.AddProduct(ctx, domain.NewProduct{
		StoreID: req.GetStoreId(), Name: req.GetName(), Description: req.GetDescription(), SKU: req.GetSku(), Price: price,
	}, stock)
	if err != nil {
		return nil, err
	}
	return &storesv1.AddProductResponse{Product: convert.Listing(product)}, nil
}

// GetProduct implements the RPC.
func (s *Server) GetProduct(ctx context.Context, req *storesv1.GetProductRequest) (*storesv1.GetProductResponse, error) {
	product, err := s.app.GetProduct(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return &storesv1.GetProductResponse{Product: convert.Listing(product)}, nil
}

// ListProducts implements the RPC.
func (s *Server) ListProducts(ctx context.Context, req *storesv1.ListProductsRequest) (*storesv1.ListProductsResponse, error) {
	id := func(product domain.Listing) string { return product.ID }
	products, next, err := rpc.Page(req, id, func(after string, limit int) ([]domain.Listing, error) {
		return s.app.ListProducts(ctx, req.GetStoreId(), after, limit)
	})
	if err != nil {
		return nil, err
	}
	resp := &storesv1.ListProductsResponse{NextPageToken: next}
	for _, product := range products {
		resp.Products = append(resp.Products, convert.Listing(product))
	}
	return resp, nil
}

// RebrandProduct implements the RPC.
func (s *Server) RebrandProduct(ctx context.Context, req *storesv1.RebrandProductRequest) (*storesv1.RebrandProductResponse, error) {
	product, err := s.app.RebrandProduct(ctx, req.GetId(), req.GetName(), req.GetDescription())
	if err != nil {
		return nil, err
	}
	return &storesv1.RebrandProductResponse{Product: convert.Listing(product)}, nil
}

// IncreaseProductPrice implements the RPC.
func (s *Server) IncreaseProductPrice(ctx context.Context, req *storesv1.IncreaseProductPriceRequest) (*storesv1.IncreaseProductPriceResponse, error) {
	price, err := price(req.GetPrice())
	if err != nil {
		return nil, err
	}
	product, err := s.app.IncreaseProductPrice(ctx, req.GetId(), price)
	if err != nil {
		return nil, err
	}
	return &storesv1.IncreaseProductPriceResponse{Product: convert.Listing(product)}, nil
}

// DecreaseProductPrice implements the RPC.
func (s *Server) DecreaseProductPrice(ctx context.Context, req *storesv1.DecreaseProductPriceRequest) (*storesv1.DecreaseProductPriceResponse, error) {
	price, err := price(req.GetPrice())
	if err != nil {
		return nil, err
	}
	product, err := s.app.DecreaseProductPrice(ctx, req.GetId(), price)
	if err != nil {
		return nil, err
	}
	return &storesv1.DecreaseProductPriceResponse{Product: convert.Listing(product)}, nil
}

// AdjustStock implements the RPC.
func (s *Server) AdjustStock(ctx context.Context, req *storesv1.AdjustStockRequest) (*storesv1.AdjustStockResponse, error) {
	product, err := s.app.AdjustStock(ctx, req.GetProductId(), req.GetDelta())
	if err != nil {
		return nil, err
	}
	return &storesv1.AdjustStockResponse{Product: convert.Listing(product)}, nil
}

// RemoveProduct implements the RPC.
func (s *Server) RemoveProduct(ctx context.Context, req *storesv1.RemoveProductRequest) (*storesv1.RemoveProductResponse, error) {
	product, err := s.app.RemoveProduct(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return &storesv1.RemoveProductResponse{Product: convert.Listing(product)}, nil
}

func price(m *typev1.Money) (money.Money, error) {
	price, err := moneypb.FromProto(m)
	if err != nil {
		return price, fault.BadField("price", "must be an amount of money in a currency")
	}
	return price, nil
}

// stock reads a stock; unset is unlimited.
func stock(pieces *int64) (domain.Stock, error) {
	if pieces == nil {
		return domain.Unlimited(), nil
	}
	return domain.Limited(*pieces)
}
