// Package rpc serves payments' gRPC API: protobuf on one side, use cases on the other. Errors are mapped by pkg/rpc.
package rpc

import (
	"context"

	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	"mallbots.example/pkg/money/moneypb"
	"mallbots.example/pkg/rpc"
	"mallbots.example/services/payments/internal/app"
	"mallbots.example/services/payments/internal/convert"
	"mallbots.example/services/payments/internal/domain"
)

// Server implements mallbots.payments.v1.PaymentsService.
type Server struct {
	paymentsv1.UnimplementedPaymentsServiceServer
	app *app.App
}

// NewServer serves a.
func NewServer(a *app.App) *Server { return &Server{app: a} }

// AuthorizePayment implements the RPC.
func (s *Server) AuthorizePayment(ctx context.Context, req *paymentsv1.AuthorizePaymentRequest) (*paymentsv1.AuthorizePaymentResponse, error) {
	amount, err := moneypb.FromProto(req.GetAmount())
	if err != nil {
		return nil, err
	}
	payment, err := s.app.AuthorizePayment(ctx, req.GetCustomerId(), amount)
	if err != nil {
		return nil, err
	}
	return &paymentsv1.AuthorizePaymentResponse{Payment: convert.Payment(payment)}, nil
}

// GetPayment implements the RPC.
func (s *Server) GetPayment(ctx context.Context, req *paymentsv1.GetPaymentRequest) (*paymentsv1.GetPaymentResponse, error) {
	payment, err := s.app.GetPayment(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return &paymentsv1.GetPaymentResponse{Payment: convert.Payment(payment)}, nil
}

// GetInvoice implements the RPC.
func (s *Server) GetInvoice(ctx context.Context, req *paymentsv1.GetInvoiceRequest) (*paymentsv1.GetInvoiceResponse, error) {
	invoice, err := s.app.GetInvoice(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return &paymentsv1.GetInvoiceResponse{Invoice: convert.Invoice(invoice)}, nil
}

// ListInvoices implements the RPC.
func (s *Server) ListInvoices(ctx context.Context, req *paymentsv1.ListInvoicesRequest) (*paymentsv1.ListInvoicesResponse, error) {
	filter := app.InvoiceFilter{CustomerID: req.GetCustomerId(), OrderID: req.GetOrderId()}
	invoices, next, err := rpc.Page(req, (*domain.Invoice).ID, func(after string, limit int) ([]*domain.Invoice, error) {
		return s.app.ListInvoices(ctx, filter, after, limit)
	})
	if err != nil {
		return nil, err
	}
	resp := &paymentsv1.ListInvoicesResponse{NextPageToken: next}
	for _, invoice := range invoices {
		resp.Invoices = append(resp.Invoices, convert.Invoice(invoice))
	}
	return resp, nil
}

// PayInvoice implements the RPC.
func (s *Server) PayInvoice(ctx context.Context, req *paymentsv1.PayInvoiceRequest) (*paymentsv1.PayInvoiceResponse, error) {
	invoice, err := s.app.PayInvoice(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return &paymentsv1.PayInvoiceResponse{Invoice: convert.Invoice(invoice)}, nil
}

// CancelInvoice implements the RPC.
func (s *Server) CancelInvoice(ctx context.Context, req *paymentsv1.CancelInvoiceRequest) (*paymentsv1.CancelInvoiceResponse, error) {
	invoice, err := s.app.CancelInvoice(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return &paymentsv1.CancelInvoiceResponse{Invoice: convert.Invoice(invoice)}, nil
}

// AdjustInvoice implements the RPC.
func (s *Server) AdjustInvoice(ctx context.Context, req *paymentsv1.AdjustInvoiceRequest) (*paymentsv1.AdjustInvoiceResponse, error) {
	amount, err := moneypb.FromProto(req.GetAmount())
	if err != nil {
		return nil, err
	}
	invoice, err := s.app.AdjustInvoice(ctx, req.GetId(), amount)
	if err != nil {
		return nil, err
	}
	return &paymentsv1.AdjustInvoiceResponse{Invoice: convert.Invoice(invoice)}, nil
}
