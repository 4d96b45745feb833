// Package search finds orders by what people remember of them: a read model of all orders, fed by events, that can be built again.
package search

import (
	customersv1 "mallbots.example/api/mallbots/customers/v1"
	searchv1 "mallbots.example/api/mallbots/search/v1"
	"mallbots.example/pkg/service"
	"mallbots.example/pkg/store"
	"mallbots.example/services/internal/people"
	"mallbots.example/services/internal/topics"
	"mallbots.example/services/search/internal/app"
	"mallbots.example/services/search/internal/messages"
	"mallbots.example/services/search/internal/rpc"
	searchstore "mallbots.example/services/search/internal/store"
)

// Service is the table of contents of search.
func Service() service.Service {
	return service.Service{
		Name:    "search",
		Schemas: []store.Schema{searchstore.Schema, people.Schema},
		Build: func(rt *service.Runtime) error {
			customers := people.New(customersv1.NewCustomersServiceClient(rt.Peer("customers")))
			search := app.New(app.Config{
				DB: rt.DB, Orders: searchstore.Orders{}, Journal: searchstore.Journal{}, Generations: searchstore.Generations{},
				People: customers, Decode: messages.Decode, Clock: rt.Clock, Log: rt.Log,
			})
			searchv1.RegisterSearchServiceServer(rt.GRPC, rpc.NewServer(search))
			rt.Consume(topics.OrderingEvents, messages.Orders(search)...)
			rt.Consume(topics.CustomersEvents, customers.Handlers()...)
			return nil
		},
	}
}
