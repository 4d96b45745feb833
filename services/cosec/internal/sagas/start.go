package sagas

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/saga"
	"mallbots.example/pkg/store"
)

// Starts begins the sagas: one of each per order, however often its event comes.
func Starts(createOrder, cancelOrder, endOrder *saga.Orchestrator[Order]) []message.Handler {
	return []message.Handler{
		message.OnEvent(func(ctx context.Context, tx *store.Tx, _ message.Meta, e *orderingv1.OrderCreated) error {
			return createOrder.Start(ctx, tx, e.GetOrder().GetId(), fromEvent(e.GetOrder()))
		}),
		message.OnEvent(func(ctx context.Context, tx *store.Tx, _ message.Meta, e *orderingv1.OrderCancelRequested) error {
			if e.GetStatusBefore() == orderingv1.OrderStatus_ORDER_STATUS_PENDING {
				return nil // the saga that creates the order still runs: its pivot will be refused, and it undoes what it did
			}
			begun := cancelOrder
			switch e.GetCause() {
			case orderingv1.CancelCause_CANCEL_CAUSE_SHOPPING_LIST_GIVEN_UP, orderingv1.CancelCause_CANCEL_CAUSE_INVOICE_CANCELED:
				begun = endOrder
			case orderingv1.CancelCause_CANCEL_CAUSE_CUSTOMER, orderingv1.CancelCause_CANCEL_CAUSE_UNSPECIFIED:
			}
			return begun.Start(ctx, tx, e.GetOrder().GetId(), fromEvent(e.GetOrder()))
		}),
	}
}

func fromEvent(order *orderingv1.Order) Order {
	o := Order{
		OrderID: order.GetId(), CustomerID: order.GetCustomerId(), PaymentID: order.GetPaymentId(), ShoppingListID: order.GetShoppingListId(),
		Currency: order.GetTotal().GetCurrencyCode(), TotalMinor: order.GetTotal().GetMinorUnits(),
	}
	for _, item := range order.GetItems() {
		o.Items = append(o.Items, Item{ProductID: item.GetProductId(), StoreID: item.GetStoreId(), Quantity: item.GetQuantity()})
	}
	return o
}

// CountIgnored counts the replies that changed nothing.
func CountIgnored(registerer prometheus.Registerer) func(saga string, why saga.Ignored) {
	ignored := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "saga_replies_ignored_total", Help: "Replies that changed nothing, by saga and why.",
	}, []string{"saga", "why"})
	registerer.MustRegister(ignored)
	return func(name string, why saga.Ignored) {
		if name != CreateOrder.Name && name != CancelOrder.Name && name != EndOrder.Name {
			name = "" // whatever a sender makes up must not become a label
		}
		ignored.WithLabelValues(name, string(why)).Inc()
	}
}
