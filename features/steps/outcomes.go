package steps

import (
	"context"
	"fmt"
	"slices"

	"github.com/cucumber/godog"

	depotv1 "mallbots.example/api/mallbots/depot/v1"
	notificationsv1 "mallbots.example/api/mallbots/notifications/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	searchv1 "mallbots.example/api/mallbots/search/v1"
)

func (w *world) outcomeSteps(sc *godog.ScenarioContext) {
	sc.Step(`^the payment of "([^"]*)" is captured$`, func(ctx context.Context, name string) error {
		return w.paymentIs(ctx, name, paymentsv1.PaymentStatus_PAYMENT_STATUS_CAPTURED)
	})
	sc.Step(`^the payment of "([^"]*)" is not captured$`, func(ctx context.Context, name string) error {
		return w.paymentIs(ctx, name, paymentsv1.PaymentStatus_PAYMENT_STATUS_AUTHORIZED, paymentsv1.PaymentStatus_PAYMENT_STATUS_VOIDED)
	})
	sc.Step(`^a robot has collected (\d+) "([^"]*)" for the order of "([^"]*)"$`, w.robotHasCollected)
	sc.Step(`^no robot collects anything for the order of "([^"]*)"$`, w.noRobotCollects)
	sc.Step(`^"([^"]*)" was told that the order (was received|is ready|was rejected)$`, w.wasTold)
	sc.Step(`^a search for the orders of "([^"]*)" finds (\d+) that is completed$`, w.searchFindsCompleted)
}

func (w *world) paymentIs(ctx context.Context, name string, want ...paymentsv1.PaymentStatus) error {
	s, err := w.shopper(name)
	if err != nil {
		return err
	}
	return eventually(ctx, func(ctx context.Context) error {
		resp, err := w.payments.GetPayment(ctx, &paymentsv1.GetPaymentRequest{Id: s.paymentID})
		if err != nil {
			return err
		}
		if got := resp.GetPayment().GetStatus(); !slices.Contains(want, got) {
			return fmt.Errorf("the payment is %v", got)
		}
		return nil
	})
}

func (w *world) lists(ctx context.Context, name string) ([]*depotv1.ShoppingList, error) {
	orderID, err := w.orderOf(name)
	if err != nil {
		return nil, err
	}
	resp, err := w.depot.ListShoppingLists(ctx, &depotv1.ListShoppingListsRequest{OrderId: orderID})
	return resp.GetShoppingLists(), err
}

func (w *world) robotHasCollected(ctx context.Context, quantity int32, product, name string) error {
	lists, err := w.lists(ctx, name)
	if err != nil {
		return err
	}
	var collected int32
	for _, list := range lists {
		if list.GetStatus() != depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_COMPLETED || list.GetBotId() == "" {
			continue
		}
		for _, stop := range list.GetStops() {
			for _, item := range stop.GetItems() {
				if item.GetProductName() == product {
					collected += item.GetQuantity()
				}
			}
		}
	}
	if collected != quantity {
		return fmt.Errorf("%d were collected", collected)
	}
	return nil
}

// noRobotCollects waits: the list of a rejected order is canceled a moment later.
func (w *world) noRobotCollects(ctx context.Context, name string) error {
	return eventually(ctx, func(ctx context.Context) error {
		lists, err := w.lists(ctx, name)
		if err != nil {
			return err
		}
		for _, list := range lists {
			if list.GetStatus() != depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_CANCELED {
				return fmt.Errorf("a shopping list is %v", list.GetStatus())
			}
		}
		return nil
	})
}

var notices = map[string]notificationsv1.NotificationKind{
	"was received": notificationsv1.NotificationKind_NOTIFICATION_KIND_ORDER_RECEIVED,
	"is ready":     notificationsv1.NotificationKind_NOTIFICATION_KIND_ORDER_READY,
	"was rejected": notificationsv1.NotificationKind_NOTIFICATION_KIND_ORDER_REJECTED,
}

func (w *world) wasTold(ctx context.Context, name, what string) error {
	orderID, err := w.orderOf(name)
	if err != nil {
		return err
	}
	return eventually(ctx, func(ctx context.Context) error {
		resp, err := w.notifications.ListNotifications(ctx, &notificationsv1.ListNotificationsRequest{OrderId: orderID})
		if err != nil {
			return err
		}
		sent := 0
		for _, n := range resp.GetNotifications() {
			if n.GetKind() == notices[what] && n.GetStatus() == notificationsv1.NotificationStatus_NOTIFICATION_STATUS_SENT {
				sent++
			}
		}
		if sent != 1 {
			return fmt.Errorf("%d such messages were sent", sent)
		}
		return nil
	})
}

func (w *world) searchFindsCompleted(ctx context.Context, name string, want int) error {
	s, err := w.shopper(name)
	if err != nil {
		return err
	}
	return eventually(ctx, func(ctx context.Context) error {
		resp, err := w.search.SearchOrders(ctx, &searchv1.SearchOrdersRequest{
			CustomerId: s.customerID, Status: orderingv1.OrderStatus_ORDER_STATUS_COMPLETED,
		})
		if err != nil {
			return err
		}
		if got := len(resp.GetOrders()); got != want {
			return fmt.Errorf("the search finds %d", got)
		}
		return nil
	})
}
