package rpc

import (
	"context"

	storesv1 "mallbots.example/api/mallbots/stores/v1"
	"mallbots.example/pkg/rpc"
	"mallbots.example/services/stores/internal/convert"
	"mallbots.example/services/stores/internal/domain"
)

// CreateStore implements the RPC.
func (s *Server) CreateStore(ctx context.Context, req *storesv1.CreateStoreRequest) (*storesv1.CreateStoreResponse, error) {
	shop, err := s.app.CreateStore(ctx, req.GetName(), req.GetLocation())
	if err != nil {
		return nil, err
	}
	return &storesv1.CreateStoreResponse{Store: convert.Store(shop)}, nil
}

// GetStore implements the RPC.
func (s *Server) GetStore(ctx context.Context, req *storesv1.GetStoreRequest) (*storesv1.GetStoreResponse, error) {
	shop, err := s.app.GetStore(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return &storesv1.GetStoreResponse{Store: convert.Store(shop)}, nil
}

// ListStores implements the RPC.
func (s *Server) ListStores(ctx context.Context, req *storesv1.ListStoresRequest) (*storesv1.ListStoresResponse, error) {
	id := func(shop domain.StoreView) string { return shop.ID }
	shops, next, err := rpc.Page(req, id, func(after string, limit int) ([]domain.StoreView, error) {
		return s.app.ListStores(ctx, req.GetParticipatingOnly(), after, limit)
	})
	if err != nil {
		return nil, err
	}
	resp := &storesv1.ListStoresResponse{NextPageToken: next}
	for _, shop := range shops {
		resp.Stores = append(resp.Stores, convert.Store(shop))
	}
	return resp, nil
}

// RebrandStore implements the RPC.
func (s *Server) RebrandStore(ctx context.Context, req *storesv1.RebrandStoreRequest) (*storesv1.RebrandStoreResponse, error) {
	shop, err := s.app.RebrandStore(ctx, req.GetId(), req.GetName())
	if err != nil {
		return nil, err
	}
	return &storesv1.RebrandStoreResponse{Store: convert.Store(shop)}, nil
}

// EnableParticipation implements the RPC.
func (s *Server) EnableParticipation(ctx context.Context, req *storesv1.EnableParticipationRequest) (*storesv1.EnableParticipationResponse, error) {
	shop, err := s.app.EnableParticipation(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return &storesv1.EnableParticipationResponse{Store: convert.Store(shop)}, nil
}

// DisableParticipation implements the RPC.
func (s *Server) DisableParticipation(ctx context.Context, req *storesv1.DisableParticipationRequest) (*storesv1.DisableParticipationResponse, error) {
	shop, err := s.app.DisableParticipation(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return &storesv1.DisableParticipationResponse{Store: convert.Store(shop)}, nil
}
