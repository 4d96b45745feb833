// Package rpc serves search's gRPC API: protobuf on one side, use cases on the other. Errors are mapped by pkg/rpc.
package rpc

import (
	"context"

	searchv1 "mallbots.example/api/mallbots/search/v1"
	"mallbots.example/pkg/rpc"
	"mallbots.example/services/search/internal/app"
	"mallbots.example/services/search/internal/convert"
	"mallbots.example/services/search/internal/domain"
)

// Server implements mallbots.search.v1.SearchService.
type Server struct {
	searchv1.UnimplementedSearchServiceServer
	app *app.App
}

// NewServer serves a.
func NewServer(a *app.App) *Server { return &Server{app: a} }

// SearchOrders implements the RPC.
func (s *Server) SearchOrders(ctx context.Context, req *searchv1.SearchOrdersRequest) (*searchv1.SearchOrdersResponse, error) {
	filter, err := filterOf(req)
	if err != nil {
		return nil, err
	}
	orders, next, err := rpc.Page(req, cursorOf, func(cursor string, limit int) ([]domain.Found, error) {
		after, err := placeOf(cursor)
		if err != nil {
			return nil, err
		}
		return s.app.SearchOrders(ctx, filter, after, limit)
	})
	if err != nil {
		return nil, err
	}
	resp := &searchv1.SearchOrdersResponse{NextPageToken: next}
	for _, order := range orders {
		resp.Orders = append(resp.Orders, convert.Order(order))
	}
	return resp, nil
}

// GetOrder implements the RPC.
func (s *Server) GetOrder(ctx context.Context, req *searchv1.GetOrderRequest) (*searchv1.GetOrderResponse, error) {
	order, err := s.app.GetOrder(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return &searchv1.GetOrderResponse{Order: convert.Order(order)}, nil
}

// RebuildOrders implements the RPC.
func (s *Server) RebuildOrders(ctx context.Context, _ *searchv1.RebuildOrdersRequest) (*searchv1.RebuildOrdersResponse, error) {
	rebuilt, err := s.app.RebuildOrders(ctx)
	if err != nil {
		return nil, err
	}
	return &searchv1.RebuildOrdersResponse{OrderCount: rebuilt.Orders, EventCount: rebuilt.Events}, nil
}
