// Package rpc serves baskets' gRPC API: protobuf on one side, use cases on the other. Errors are mapped by pkg/rpc.
package rpc

import (
	"context"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	"mallbots.example/services/baskets/internal/app"
	"mallbots.example/services/baskets/internal/convert"
)

// Server implements mallbots.baskets.v1.BasketsService.
type Server struct {
	basketsv1.UnimplementedBasketsServiceServer
	app *app.App
}

// NewServer serves a.
func NewServer(a *app.App) *Server { return &Server{app: a} }

// StartBasket implements the RPC.
func (s *Server) StartBasket(ctx context.Context, req *basketsv1.StartBasketRequest) (*basketsv1.StartBasketResponse, error) {
	basket, err := s.app.StartBasket(ctx, req.GetCustomerId())
	if err != nil {
		return nil, err
	}
	return &basketsv1.StartBasketResponse{Basket: convert.Basket(basket)}, nil
}

// GetBasket implements the RPC.
func (s *Server) GetBasket(ctx context.Context, req *basketsv1.GetBasketRequest) (*basketsv1.GetBasketResponse, error) {
	basket, err := s.app.GetBasket(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return &basketsv1.GetBasketResponse{Basket: convert.Basket(basket)}, nil
}

// AddItem implements the RPC.
func (s *Server) AddItem(ctx context.Context, req *basketsv1.AddItemRequest) (*basketsv1.AddItemResponse, error) {
	basket, err := s.app.AddItem(ctx, req.GetBasketId(), req.GetProductId(), req.GetQuantity())
	if err != nil {
		return nil, err
	}
	return &basketsv1.AddItemResponse{Basket: convert.Basket(basket)}, nil
}

// RemoveItem implements the RPC.
func (s *Server) RemoveItem(ctx context.Context, req *basketsv1.RemoveItemRequest) (*basketsv1.RemoveItemResponse, error) {
	basket, err := s.app.RemoveItem(ctx, req.GetBasketId(), req.GetProductId(), req.GetQuantity())
	if err != nil {
		return nil, err
	}
	return &basketsv1.RemoveItemResponse{Basket: convert.Basket(basket)}, nil
}

// CheckoutBasket implements the RPC.
func (s *Server) CheckoutBasket(ctx context.Context, req *basketsv1.CheckoutBasketRequest) (*basketsv1.CheckoutBasketResponse, error) {
	basket, err := s.app.CheckoutBasket(ctx, req.GetId(), req.GetPaymentId())
	if err != nil {
		return nil, err
	}
	return &basketsv1.CheckoutBasketResponse{Basket: convert.Basket(basket), OrderId: basket.ID()}, nil
}

// CancelBasket implements the RPC.
func (s *Server) CancelBasket(ctx context.Context, req *basketsv1.CancelBasketRequest) (*basketsv1.CancelBasketResponse, error) {
	basket, err := s.app.CancelBasket(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return &basketsv1.CancelBasketResponse{Basket: convert.Basket(basket)}, nil
}
