// Package baskets keeps the baskets that customers fill and check out, at the prices of the day until then.
package baskets

import (
	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
	"mallbots.example/pkg/es"
	"mallbots.example/pkg/service"
	"mallbots.example/pkg/store"
	"mallbots.example/services/baskets/internal/app"
	"mallbots.example/services/baskets/internal/messages"
	"mallbots.example/services/baskets/internal/rpc"
	basketstore "mallbots.example/services/baskets/internal/store"
	"mallbots.example/services/internal/catalog"
	"mallbots.example/services/internal/topics"
)

// Service is the table of contents of baskets.
func Service() service.Service {
	return service.Service{
		Name:    "baskets",
		Schemas: []store.Schema{es.Schema, catalog.Schema},
		Build: func(rt *service.Runtime) error {
			goods := catalog.New(storesv1.NewStoresServiceClient(rt.Peer("stores")))
			payments := rpc.NewPayments(paymentsv1.NewPaymentsServiceClient(rt.Peer("payments")))
			baskets := app.New(rt.DB, basketstore.NewBaskets(), basketstore.NewOffers(goods), payments, messages.NewEvents(rt.Outbox),
				rt.Clock, rt.IDs)
			basketsv1.RegisterBasketsServiceServer(rt.GRPC, rpc.NewServer(baskets))
			rt.Consume(topics.StoresEvents, goods.Handlers()...)
			return nil
		},
	}
}
