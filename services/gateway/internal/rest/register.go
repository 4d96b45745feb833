package rest

import (
	"context"
	"errors"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	customersv1 "mallbots.example/api/mallbots/customers/v1"
	depotv1 "mallbots.example/api/mallbots/depot/v1"
	notificationsv1 "mallbots.example/api/mallbots/notifications/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	searchv1 "mallbots.example/api/mallbots/search/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
	basketsrest "mallbots.example/services/gateway/internal/rest/gen/mallbots/baskets/v1"
	customersrest "mallbots.example/services/gateway/internal/rest/gen/mallbots/customers/v1"
	depotrest "mallbots.example/services/gateway/internal/rest/gen/mallbots/depot/v1"
	notificationsrest "mallbots.example/services/gateway/internal/rest/gen/mallbots/notifications/v1"
	orderingrest "mallbots.example/services/gateway/internal/rest/gen/mallbots/ordering/v1"
	paymentsrest "mallbots.example/services/gateway/internal/rest/gen/mallbots/payments/v1"
	searchrest "mallbots.example/services/gateway/internal/rest/gen/mallbots/search/v1"
	storesrest "mallbots.example/services/gateway/internal/rest/gen/mallbots/stores/v1"
)

// register adds the generated handlers of every public service.
func register(mux *runtime.ServeMux, peer func(name string) grpc.ClientConnInterface) error {
	ctx := context.Background() // not used
	conn := func(name string) grpc.ClientConnInterface { return keyed{peer(name)} }
	return errors.Join(
		storesrest.RegisterStoresServiceHandlerClient(ctx, mux, storesv1.NewStoresServiceClient(conn("stores"))),
		customersrest.RegisterCustomersServiceHandlerClient(ctx, mux, customersv1.NewCustomersServiceClient(conn("customers"))),
		basketsrest.RegisterBasketsServiceHandlerClient(ctx, mux, basketsv1.NewBasketsServiceClient(conn("baskets"))),
		orderingrest.RegisterOrderingServiceHandlerClient(ctx, mux, orderingv1.NewOrderingServiceClient(conn("ordering"))),
		depotrest.RegisterDepotServiceHandlerClient(ctx, mux, depotv1.NewDepotServiceClient(conn("depot"))),
		paymentsrest.RegisterPaymentsServiceHandlerClient(ctx, mux, paymentsv1.NewPaymentsServiceClient(conn("payments"))),
		notificationsrest.RegisterNotificationsServiceHandlerClient(ctx, mux, notificationsv1.NewNotificationsServiceClient(conn("notifications"))),
		searchrest.RegisterSearchServiceHandlerClient(ctx, mux, searchv1.NewSearchServiceClient(conn("search"))),
	)
}
