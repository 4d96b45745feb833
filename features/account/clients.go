package account

import (
	"google.golang.org/grpc"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	customersv1 "mallbots.example/api/mallbots/customers/v1"
	depotv1 "mallbots.example/api/mallbots/depot/v1"
	notificationsv1 "mallbots.example/api/mallbots/notifications/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
)

// clients are what a customer and the account need.
type clients struct {
	stores        storesv1.StoresServiceClient
	customers     customersv1.CustomersServiceClient
	baskets       basketsv1.BasketsServiceClient
	ordering      orderingv1.OrderingServiceClient
	depot         depotv1.DepotServiceClient
	payments      paymentsv1.PaymentsServiceClient
	notifications notificationsv1.NotificationsServiceClient
}

func newClients(conn grpc.ClientConnInterface) clients {
	return clients{
		stores: storesv1.NewStoresServiceClient(conn), customers: customersv1.NewCustomersServiceClient(conn),
		baskets: basketsv1.NewBasketsServiceClient(conn), ordering: orderingv1.NewOrderingServiceClient(conn),
		depot: depotv1.NewDepotServiceClient(conn), payments: paymentsv1.NewPaymentsServiceClient(conn),
		notifications: notificationsv1.NewNotificationsServiceClient(conn),
	}
}
