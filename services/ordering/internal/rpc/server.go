// Package rpc serves ordering's gRPC API: protobuf on one side, use cases on the other. Errors are mapped by pkg/rpc.
package rpc

import (
	"context"

	"google.golang.org/grpc"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	"mallbots.example/pkg/rpc"
	"mallbots.example/services/ordering/internal/app"
	"mallbots.example/services/ordering/internal/convert"
	"mallbots.example/services/ordering/internal/domain"
)

// Server implements mallbots.ordering.v1.OrderingService.
type Server struct {
	orderingv1.UnimplementedOrderingServiceServer
	app *app.App
}

// NewServer serves a.
func NewServer(a *app.App) *Server { return &Server{app: a} }

// GetOrder implements the RPC.
func (s *Server) GetOrder(ctx context.Context, req *orderingv1.GetOrderRequest) (*orderingv1.GetOrderResponse, error) {
	order, err := s.app.GetOrder(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return &orderingv1.GetOrderResponse{Order: convert.Order(order)}, nil
}

// ListOrders implements the RPC.
func (s *Server) ListOrders(ctx context.Context, req *orderingv1.ListOrdersRequest) (*orderingv1.ListOrdersResponse, error) {
	id := func(order domain.View) string { return order.ID }
	orders, next, err := rpc.Page(req, id, func(after string, limit int) ([]domain.View, error) {
		return s.app.ListOrders(ctx, req.GetCustomerId(), after, limit)
	})
	if err != nil {
		return nil, err
	}
	resp := &orderingv1.ListOrdersResponse{NextPageToken: next}
	for _, order := range orders {
		resp.Orders = append(resp.Orders, convert.Order(order))
	}
	return resp, nil
}

// CancelOrder implements the RPC.
func (s *Server) CancelOrder(ctx context.Context, req *orderingv1.CancelOrderRequest) (*orderingv1.CancelOrderResponse, error) {
	order, err := s.app.CancelOrder(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return &orderingv1.CancelOrderResponse{Order: convert.Order(order)}, nil
}

// WatchOrder implements the RPC.
func (s *Server) WatchOrder(req *orderingv1.WatchOrderRequest, stream grpc.ServerStreamingServer[orderingv1.WatchOrderResponse]) error {
	return s.app.WatchOrder(stream.Context(), req.GetId(), func(order domain.View) error {
		return stream.Send(&orderingv1.WatchOrderResponse{Order: convert.Order(order)})
	})
}
