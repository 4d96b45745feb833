// Package steps are the words of the features: what a sentence does to a mall, by gRPC only.
package steps

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cucumber/godog"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

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
	// patience is how long a sentence that begins "becomes" or "was told" may take to come true: seconds usually, more on a machine
	// that runs everything else beside it.
	patience = 45 * time.Second
	// glance is how often something is looked at that can't be watched.
	glance = 50 * time.Millisecond
)

// world is what one scenario knows. Scenarios share nothing: each makes its own customers, stores, products and robots.
type world struct {
	conn          grpc.ClientConnInterface
	stores        storesv1.StoresServiceClient
	customers     customersv1.CustomersServiceClient
	baskets       basketsv1.BasketsServiceClient
	ordering      orderingv1.OrderingServiceClient
	depot         depotv1.DepotServiceClient
	payments      paymentsv1.PaymentsServiceClient
	notifications notificationsv1.NotificationsServiceClient
	search        searchv1.SearchServiceClient

	sentences []definition

	storeIDs   map[string]string // by name
	productIDs map[string]string
	robotIDs   map[string]string
	shoppers   map[string]*shopper
	watches    map[string]*watch // by who watches
	hangUps    []context.CancelFunc

	refusal error // of the last sentence that "tries"
	tried   bool

	query *searchv1.SearchOrdersRequest // what was searched for last
	call  call                          // the last call of a feature about the API
	pages []proto.Message               // of the listing that was read last
}

// shopper is a customer with what is theirs.
type shopper struct {
	customerID string
	basketID   string
	secondID   string // of a second basket
	paymentID  string
	orderID    string
	otherID    string   // of a second order
	orderIDs   []string // all, oldest first
}

func newWorld(conn grpc.ClientConnInterface) *world {
	return &world{
		conn:   conn,
		stores: storesv1.NewStoresServiceClient(conn), customers: customersv1.NewCustomersServiceClient(conn),
		baskets: basketsv1.NewBasketsServiceClient(conn), ordering: orderingv1.NewOrderingServiceClient(conn),
		depot: depotv1.NewDepotServiceClient(conn), payments: paymentsv1.NewPaymentsServiceClient(conn),
		notifications: notificationsv1.NewNotificationsServiceClient(conn), search: searchv1.NewSearchServiceClient(conn),
		storeIDs: map[string]string{}, productIDs: map[string]string{}, robotIDs: map[string]string{},
		shoppers: map[string]*shopper{}, watches: map[string]*watch{},
	}
}

// end ends what a scenario left open, and fails one that leaves open how something ended.
func (w *world) end(ctx context.Context, _ *godog.Scenario, err error) (context.Context, error) {
	for _, hangUp := range w.hangUps {
		hangUp()
	}
	if err == nil && w.tried {
		return ctx, fmt.Errorf("the scenario tries something and never says how it ended: %w", w.refusal)
	}
	return ctx, nil
}

func (w *world) shopper(name string) (*shopper, error) { return lookUp(w.shoppers, "customer", name) }

func (w *world) product(name string) (string, error) { return lookUp(w.productIDs, "product", name) }

func (w *world) store(name string) (string, error) { return lookUp(w.storeIDs, "store", name) }

func (w *world) robot(name string) (string, error) { return lookUp(w.robotIDs, "robot", name) }

func lookUp[T any](all map[string]T, what, name string) (T, error) {
	found, ok := all[name]
	if !ok {
		return found, fmt.Errorf("the scenario knows no %s %q", what, name)
	}
	return found, nil
}

// eventually looks until look finds nothing wrong, and says what was wrong last when patience ends.
func eventually(ctx context.Context, look func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ticker := time.NewTicker(glance)
	defer ticker.Stop()
	var wrong error
	for {
		err := look(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() == nil || wrong == nil {
			wrong = err // not the error of a call that was cut off
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("not within %s", patience), wrong)
		case <-ticker.C:
		}
	}
}
