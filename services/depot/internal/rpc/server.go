// Package rpc serves depot's gRPC API: protobuf on one side, use cases on the other. Errors are mapped by pkg/rpc.
package rpc

import (
	"context"

	"google.golang.org/grpc"

	depotv1 "mallbots.example/api/mallbots/depot/v1"
	"mallbots.example/pkg/rpc"
	"mallbots.example/services/depot/internal/app"
	"mallbots.example/services/depot/internal/convert"
	"mallbots.example/services/depot/internal/domain"
)

// Server implements mallbots.depot.v1.DepotService.
type Server struct {
	depotv1.UnimplementedDepotServiceServer
	app *app.App
}

// NewServer serves a.
func NewServer(a *app.App) *Server { return &Server{app: a} }

// RegisterBot implements the RPC.
func (s *Server) RegisterBot(ctx context.Context, req *depotv1.RegisterBotRequest) (*depotv1.RegisterBotResponse, error) {
	bot, err := s.app.RegisterBot(ctx, req.GetName())
	if err != nil {
		return nil, err
	}
	return &depotv1.RegisterBotResponse{Bot: convert.Bot(bot)}, nil
}

// ListBots implements the RPC.
func (s *Server) ListBots(ctx context.Context, req *depotv1.ListBotsRequest) (*depotv1.ListBotsResponse, error) {
	bots, next, err := rpc.Page(req, (*domain.Bot).ID, func(after string, limit int) ([]*domain.Bot, error) {
		return s.app.ListBots(ctx, after, limit)
	})
	if err != nil {
		return nil, err
	}
	resp := &depotv1.ListBotsResponse{NextPageToken: next}
	for _, bot := range bots {
		resp.Bots = append(resp.Bots, convert.Bot(bot))
	}
	return resp, nil
}

// GetShoppingList implements the RPC.
func (s *Server) GetShoppingList(ctx context.Context, req *depotv1.GetShoppingListRequest) (*depotv1.GetShoppingListResponse, error) {
	list, err := s.app.GetShoppingList(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return &depotv1.GetShoppingListResponse{ShoppingList: convert.ShoppingList(list)}, nil
}

// ListShoppingLists implements the RPC.
func (s *Server) ListShoppingLists(ctx context.Context, req *depotv1.ListShoppingListsRequest) (*depotv1.ListShoppingListsResponse, error) {
	filter := app.ListFilter{Status: convert.Status(req.GetStatus()), OrderID: req.GetOrderId(), BotID: req.GetBotId()}
	lists, next, err := rpc.Page(req, (*domain.ShoppingList).ID, func(after string, limit int) ([]*domain.ShoppingList, error) {
		return s.app.ListShoppingLists(ctx, filter, after, limit)
	})
	if err != nil {
		return nil, err
	}
	resp := &depotv1.ListShoppingListsResponse{NextPageToken: next}
	for _, list := range lists {
		resp.ShoppingLists = append(resp.ShoppingLists, convert.ShoppingList(list))
	}
	return resp, nil
}

// AssignShoppingList implements the RPC.
func (s *Server) AssignShoppingList(ctx context.Context, req *depotv1.AssignShoppingListRequest) (*depotv1.AssignShoppingListResponse, error) {
	list, err := s.app.AssignShoppingList(ctx, req.GetId(), req.GetBotId())
	if err != nil {
		return nil, err
	}
	return &depotv1.AssignShoppingListResponse{ShoppingList: convert.ShoppingList(list)}, nil
}

// CompleteShoppingList implements the RPC.
func (s *Server) CompleteShoppingList(ctx context.Context, req *depotv1.CompleteShoppingListRequest) (*depotv1.CompleteShoppingListResponse, error) {
	list, err := s.app.CompleteShoppingList(ctx, req.GetId(), req.GetBotId())
	if err != nil {
		return nil, err
	}
	return &depotv1.CompleteShoppingListResponse{ShoppingList: convert.ShoppingList(list)}, nil
}

// CancelShoppingList implements the RPC.
func (s *Server) CancelShoppingList(ctx context.Context, req *depotv1.CancelShoppingListRequest) (*depotv1.CancelShoppingListResponse, error) {
	list, err := s.app.CancelShoppingList(ctx, req.GetId(), req.GetBotId())
	if err != nil {
		return nil, err
	}
	return &depotv1.CancelShoppingListResponse{ShoppingList: convert.ShoppingList(list)}, nil
}

// WatchShoppingLists implements the RPC.
func (s *Server) WatchShoppingLists(_ *depotv1.WatchShoppingListsRequest, stream grpc.ServerStreamingServer[depotv1.WatchShoppingListsResponse]) error {
	return s.app.WatchShoppingLists(stream.Context(), func(list *domain.ShoppingList) error {
		return stream.Send(&depotv1.WatchShoppingListsResponse{ShoppingList: convert.ShoppingList(list)})
	})
}
