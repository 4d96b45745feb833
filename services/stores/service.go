// Package stores keeps the mall's stores, their products, and how much of each product there is for orders to reserve.
package stores

import (
	storesv1 "mallbots.example/api/mallbots/stores/v1"
	"mallbots.example/pkg/es"
	"mallbots.example/pkg/service"
	"mallbots.example/pkg/store"
	"mallbots.example/services/internal/topics"
	"mallbots.example/services/stores/internal/app"
	"mallbots.example/services/stores/internal/messages"
	"mallbots.example/services/stores/internal/rpc"
	storesstore "mallbots.example/services/stores/internal/store"
)

// Service is the table of contents of stores.
func Service() service.Service {
	return service.Service{
		Name:    "stores",
		Schemas: []store.Schema{es.Schema, storesstore.Schema},
		Build: func(rt *service.Runtime) error {
			stores := app.New(rt.DB, storesstore.New(), messages.NewEvents(rt.Outbox), rt.Clock, rt.IDs)
			storesv1.RegisterStoresServiceServer(rt.GRPC, rpc.NewServer(stores))
			rt.Consume(topics.StoresCommands, messages.Commands(stores)...)
			rt.Consume(topics.OrderingEvents, messages.Orders(stores)...)
			return nil
		},
	}
}
