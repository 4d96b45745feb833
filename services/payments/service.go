// Package payments keeps the money that customers set aside, and the invoices that are paid from it when an order is ready.
package payments

import (
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	"mallbots.example/pkg/service"
	"mallbots.example/pkg/store"
	"mallbots.example/services/internal/topics"
	"mallbots.example/services/payments/internal/app"
	"mallbots.example/services/payments/internal/messages"
	"mallbots.example/services/payments/internal/rpc"
	paymentstore "mallbots.example/services/payments/internal/store"
)

// Service is the table of contents of payments.
func Service() service.Service {
	return service.Service{
		Name:    "payments",
		Schemas: []store.Schema{paymentstore.Schema},
		Build: func(rt *service.Runtime) error {
			payments := app.New(rt.DB, paymentstore.Payments{}, paymentstore.Invoices{}, messages.NewEvents(rt.Outbox), rt.Clock, rt.IDs)
			paymentsv1.RegisterPaymentsServiceServer(rt.GRPC, rpc.NewServer(payments))
			rt.Consume(topics.PaymentsCommands, messages.Commands(payments)...)
			rt.Consume(topics.OrderingEvents, messages.Orders(payments)...)
			return nil
		},
	}
}
