// Package target waits for the mall that a program is about to use.
package target

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	customersv1 "mallbots.example/api/mallbots/customers/v1"
	depotv1 "mallbots.example/api/mallbots/depot/v1"
	notificationsv1 "mallbots.example/api/mallbots/notifications/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	searchv1 "mallbots.example/api/mallbots/search/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
)

const (
	// glance is how often a mall that is not ready is asked again: a person would not notice less, and a server that starts is not hammered.
	glance = 250 * time.Millisecond
	// answer bounds one question, so that an address that swallows everything is asked again.
	answer = 2 * time.Second
	// nobody is the id of nothing.
	nobody = "00000000-0000-7000-8000-000000000000"
)

// services ask each service for what does not exist: one that says so works, with its database. The health of a gateway is its own only.
var services = map[string]func(ctx context.Context, conn grpc.ClientConnInterface) error{
	"stores": func(ctx context.Context, conn grpc.ClientConnInterface) error {
		_, err := storesv1.NewStoresServiceClient(conn).GetStore(ctx, &storesv1.GetStoreRequest{Id: nobody})
		return err
	},
	"customers": func(ctx context.Context, conn grpc.ClientConnInterface) error {
		_, err := customersv1.NewCustomersServiceClient(conn).GetCustomer(ctx, &customersv1.GetCustomerRequest{Id: nobody})
		return err
	},
	"baskets": func(ctx context.Context, conn grpc.ClientConnInterface) error {
		_, err := basketsv1.NewBasketsServiceClient(conn).GetBasket(ctx, &basketsv1.GetBasketRequest{Id: nobody})
		return err
	},
	"ordering": func(ctx context.Context, conn grpc.ClientConnInterface) error {
		_, err := orderingv1.NewOrderingServiceClient(conn).GetOrder(ctx, &orderingv1.GetOrderRequest{Id: nobody})
		return err
	},
	"depot": func(ctx context.Context, conn grpc.ClientConnInterface) error {
		_, err := depotv1.NewDepotServiceClient(conn).GetShoppingList(ctx, &depotv1.GetShoppingListRequest{Id: nobody})
		return err
	},
	"payments": func(ctx context.Context, conn grpc.ClientConnInterface) error {
		_, err := paymentsv1.NewPaymentsServiceClient(conn).GetPayment(ctx, &paymentsv1.GetPaymentRequest{Id: nobody})
		return err
	},
	"notifications": func(ctx context.Context, conn grpc.ClientConnInterface) error {
		_, err := notificationsv1.NewNotificationsServiceClient(conn).ListNotifications(ctx, &notificationsv1.ListNotificationsRequest{OrderId: nobody})
		return err
	},
	"search": func(ctx context.Context, conn grpc.ClientConnInterface) error {
		_, err := searchv1.NewSearchServiceClient(conn).GetOrder(ctx, &searchv1.GetOrderRequest{Id: nobody})
		return err
	},
}

// Await waits until the mall behind conn is healthy, a gateway's services included, for at most patience. If it is not, the error says
// what was wrong last.
func Await(ctx context.Context, conn grpc.ClientConnInterface, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ticker := time.NewTicker(glance)
	defer ticker.Stop()
	var wrong error
	for {
		err := look(ctx, conn)
		if err == nil {
			return nil
		}
		if wrong == nil || status.Code(err) != codes.DeadlineExceeded {
			wrong = err // rather than that a call was cut off
		}
		select {
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return fmt.Errorf("was not healthy when this program was stopped: %w", wrong)
			}
			return fmt.Errorf("is not healthy after %s: %w", patience, wrong)
		case <-ticker.C:
		}
	}
}

// look tells the first thing that is wrong with the mall.
func look(ctx context.Context, conn grpc.ClientConnInterface) error {
	ctx, cancel := context.WithTimeout(ctx, answer)
	defer cancel()
	health, err := healthv1.NewHealthClient(conn).Check(ctx, &healthv1.HealthCheckRequest{})
	if err != nil {
		return err
	}
	if health.GetStatus() != healthv1.HealthCheckResponse_SERVING {
		return fmt.Errorf("it says %s", health.GetStatus())
	}
	for name, ask := range services {
		if err := ask(ctx, conn); err != nil && status.Code(err) != codes.NotFound {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
