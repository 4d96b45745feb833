// Package ordering keeps the orders of the mall, from checkout until they are completed, rejected or canceled.
package ordering

import (
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	"mallbots.example/pkg/es"
	"mallbots.example/pkg/service"
	"mallbots.example/pkg/store"
	"mallbots.example/services/internal/topics"
	"mallbots.example/services/ordering/internal/app"
	"mallbots.example/services/ordering/internal/messages"
	"mallbots.example/services/ordering/internal/rpc"
	orderstore "mallbots.example/services/ordering/internal/store"
)

// Service is the table of contents of ordering.
func Service() service.Service {
	return service.Service{
		Name:    "ordering",
		Schemas: []store.Schema{es.Schema, orderstore.Schema},
		Build: func(rt *service.Runtime) error {
			orders := app.New(rt.DB, orderstore.NewOrders(), messages.NewEvents(rt.Outbox), rt.Clock)
			orderingv1.RegisterOrderingServiceServer(rt.GRPC, rpc.NewServer(orders))
			rt.Consume(topics.BasketsEvents, messages.Baskets(orders)...)
			rt.Consume(topics.DepotEvents, messages.Depot(orders)...)
			rt.Consume(topics.PaymentsEvents, messages.Payments(orders)...)
			rt.Consume(topics.OrderingCommands, messages.Commands(orders)...)
			return nil
		},
	}
}
