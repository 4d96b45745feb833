// Package rpc serves customers' gRPC API: protobuf on one side, use cases on the other. Errors are mapped by pkg/rpc.
package rpc

import (
	"context"

	customersv1 "mallbots.example/api/mallbots/customers/v1"
	"mallbots.example/pkg/rpc"
	"mallbots.example/services/customers/internal/app"
	"mallbots.example/services/customers/internal/convert"
	"mallbots.example/services/customers/internal/domain"
)

// Server implements mallbots.customers.v1.CustomersService.
type Server struct {
	customersv1.UnimplementedCustomersServiceServer
	app *app.App
}

// NewServer serves a.
func NewServer(a *app.App) *Server { return &Server{app: a} }

// RegisterCustomer implements the RPC.
func (s *Server) RegisterCustomer(ctx context.Context, req *customersv1.RegisterCustomerRequest) (*customersv1.RegisterCustomerResponse, error) {
	customer, err := s.app.RegisterCustomer(ctx, req.GetName(), req.GetSmsNumber())
	if err != nil {
		return nil, err
	}
	return &customersv1.RegisterCustomerResponse{Customer: convert.Customer(customer)}, nil
}

// GetCustomer implements the RPC.
func (s *Server) GetCustomer(ctx context.Context, req *customersv1.GetCustomerRequest) (*customersv1.GetCustomerResponse, error) {
	customer, err := s.app.GetCustomer(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return &customersv1.GetCustomerResponse{Customer: convert.Customer(customer)}, nil
}

// ListCustomers implements the RPC.
func (s *Server) ListCustomers(ctx context.Context, req *customersv1.ListCustomersRequest) (*customersv1.ListCustomersResponse, error) {
	customers, next, err := rpc.Page(req, (*domain.Customer).ID, func(after string, limit int) ([]*domain.Customer, error) {
		return s.app.ListCustomers(ctx, after, limit)
	})
	if err != nil {
		return nil, err
	}
	resp := &customersv1.ListCustomersResponse{NextPageToken: next}
	for _, customer := range customers {
		resp.Customers = append(resp.Customers, convert.Customer(customer))
	}
	return resp, nil
}

// ChangeSmsNumber implements the RPC.
func (s *Server) ChangeSmsNumber(ctx context.Context, req *customersv1.ChangeSmsNumberRequest) (*customersv1.ChangeSmsNumberResponse, error) {
	customer, err := s.app.ChangeSmsNumber(ctx, req.GetId(), req.GetSmsNumber())
	if err != nil {
		return nil, err
	}
	return &customersv1.ChangeSmsNumberResponse{Customer: convert.Customer(customer)}, nil
}

// EnableCustomer implements the RPC.
func (s *Server) EnableCustomer(ctx context.Context, req *customersv1.EnableCustomerRequest) (*customersv1.EnableCustomerResponse, error) {
	customer, err := s.app.EnableCustomer(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return &customersv1.EnableCustomerResponse{Customer: convert.Customer(customer)}, nil
}

// DisableCustomer implements the RPC.
func (s *Server) DisableCustomer(ctx context.Context, req *customersv1.DisableCustomerRequest) (*customersv1.DisableCustomerResponse, error) {
	customer, err := s.app.DisableCustomer(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return &customersv1.DisableCustomerResponse{Customer: convert.Customer(customer)}, nil
}

// AuthorizeCustomer implements the RPC.
func (s *Server) AuthorizeCustomer(ctx context.Context, req *customersv1.AuthorizeCustomerRequest) (*customersv1.AuthorizeCustomerResponse, error) {
	customer, err := s.app.AuthorizeCustomer(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return &customersv1.AuthorizeCustomerResponse{Customer: convert.Customer(customer)}, nil
}
