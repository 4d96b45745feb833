// Package depot keeps the shopping lists of the mall's orders, and the bots that collect them.
package depot

import (
	depotv1 "mallbots.example/api/mallbots/depot/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
	"mallbots.example/pkg/service"
	"mallbots.example/pkg/store"
	"mallbots.example/services/depot/internal/app"
	"mallbots.example/services/depot/internal/messages"
	"mallbots.example/services/depot/internal/rpc"
	depotstore "mallbots.example/services/depot/internal/store"
	"mallbots.example/services/internal/catalog"
	"mallbots.example/services/internal/topics"
)

// Service is the table of contents of depot.
func Service() service.Service {
	return service.Service{
		Name:    "depot",
		Schemas: []store.Schema{depotstore.Schema, catalog.Schema},
		Build: func(rt *service.Runtime) error {
			products := catalog.New(storesv1.NewStoresServiceClient(rt.Peer("stores")))
			depot := app.New(rt.DB, depotstore.ShoppingLists{}, depotstore.Bots{}, products, messages.NewEvents(rt.Outbox), rt.Clock, rt.IDs)
			depotv1.RegisterDepotServiceServer(rt.GRPC, rpc.NewServer(depot))
			rt.Consume(topics.DepotCommands, messages.Commands(depot)...)
			rt.Consume(topics.StoresEvents, products.Handlers()...)
			return nil
		},
	}
}
