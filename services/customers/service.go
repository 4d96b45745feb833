// Package customers keeps the mall's customers: who they are, how they are reached by SMS, and whether they may shop.
package customers

import (
	customersv1 "mallbots.example/api/mallbots/customers/v1"
	"mallbots.example/pkg/service"
	"mallbots.example/pkg/store"
	"mallbots.example/services/customers/internal/app"
	"mallbots.example/services/customers/internal/messages"
	"mallbots.example/services/customers/internal/rpc"
	customerstore "mallbots.example/services/customers/internal/store"
	"mallbots.example/services/internal/topics"
)

// Service is the table of contents of customers.
func Service() service.Service {
	return service.Service{
		Name:    "customers",
		Schemas: []store.Schema{customerstore.Schema},
		Build: func(rt *service.Runtime) error {
			customers := app.New(rt.DB, customerstore.Customers{}, messages.NewEvents(rt.Outbox), rt.Clock, rt.IDs)
			customersv1.RegisterCustomersServiceServer(rt.GRPC, rpc.NewServer(customers))
			rt.Consume(topics.CustomersCommands, messages.Commands(customers)...)
			return nil
		},
	}
}
