// Package sagas defines the mall's sagas: which service is asked what, in which order, and how it is undone.
package sagas

import (
	"time"

	depotv1 "mallbots.example/api/mallbots/depot/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"

	customersv1 "mallbots.example/api/mallbots/customers/v1"
	"mallbots.example/pkg/saga"
	"mallbots.example/services/internal/topics"
)

const (
	// stepDeadline is a hundred times what a service takes, and short enough for a customer who waits at a kiosk to see a rejection.
	stepDeadline = 10 * time.Second
	// stepAttempts gives a service that is being replaced half a minute to come back before the order is rejected for its sake.
	stepAttempts = 3
)

// Order is what the sagas know of an order.
type Order struct {
	OrderID        string `json:"order_id"`
	CustomerID     string `json:"customer_id"`
	PaymentID      string `json:"payment_id"`
	ShoppingListID string `json:"shopping_list_id,omitempty"`
	Items          []Item `json:"items"`
	Currency       string `json:"currency"`
	TotalMinor     int64  `json:"total_minor_units"`
}

// Item is one line of an order.
type Item struct {
	ProductID string `json:"product_id"`
	StoreID   string `json:"store_id"`
	Quantity  int32  `json:"quantity"`
}

// CreateOrder takes a new order to approved, or to rejected with nothing left reserved. ApproveOrder is its pivot: it fails when the
// customer has canceled meanwhile, or the depot has given the list up, and then RejectOrder makes the order canceled.
var CreateOrder = saga.Definition[Order]{
	Name: "create-order",
	Steps: []saga.Step[Order]{
		{
			Name: "reject order",
			Compensation: func(o Order, failure saga.Failure) *saga.Command {
				return command(topics.OrderingCommands, o, &orderingv1.RejectOrder{OrderId: o.OrderID, Reason: failure.Reason})
			},
		},
		{
			Name: "authorize customer", Deadline: stepDeadline, Attempts: stepAttempts,
			Action: func(o Order) *saga.Command {
				return command(topics.CustomersCommands, o, &customersv1.AuthorizeCustomer{OrderId: o.OrderID, CustomerId: o.CustomerID})
			},
		},
		{
			Name: "reserve stock", Deadline: stepDeadline, Attempts: stepAttempts,
			Action: func(o Order) *saga.Command {
				reserve := &storesv1.ReserveStock{OrderId: o.OrderID}
				for _, item := range o.Items {
					reserve.Items = append(reserve.Items,
						&storesv1.ReserveStockItem{ProductId: item.ProductID, StoreId: item.StoreID, Quantity: item.Quantity})
				}
				return command(topics.StoresCommands, o, reserve)
			},
			Compensation: releaseStock,
		},
		{
			Name: "create shopping list", Deadline: stepDeadline, Attempts: stepAttempts,
			Action: func(o Order) *saga.Command {
				create := &depotv1.CreateShoppingList{OrderId: o.OrderID}
				for _, item := range o.Items {
					create.Items = append(create.Items,
						&depotv1.CreateShoppingListItem{ProductId: item.ProductID, StoreId: item.StoreID, Quantity: item.Quantity})
				}
				return command(topics.DepotCommands, o, create)
			},
			OnSuccess: saga.Take(func(o *Order, result *depotv1.CreateShoppingListResult) {
				o.ShoppingListID = result.GetShoppingListId()
			}),
			Compensation: func(o Order, _ saga.Failure) *saga.Command {
				return command(topics.DepotCommands, o, &depotv1.CancelShoppingList{OrderId: o.OrderID})
			},
		},
		{
			Name: "confirm payment", Deadline: stepDeadline, Attempts: stepAttempts,
			Action: func(o Order) *saga.Command {
				return command(topics.PaymentsCommands, o, &paymentsv1.ConfirmPayment{
					OrderId: o.OrderID, PaymentId: o.PaymentID, CustomerId: o.CustomerID,
					Amount: &typev1.Money{CurrencyCode: o.Currency, MinorUnits: o.TotalMinor},
				})
			},
			Compensation: voidPayment,
		},
		{
			Name: "approve order", Deadline: stepDeadline, Attempts: saga.UntilAnswered,
			Action: func(o Order) *saga.Command {
				return command(topics.OrderingCommands, o, &orderingv1.ApproveOrder{OrderId: o.OrderID, ShoppingListId: o.ShoppingListID})
			},
		},
		{
			Name: "initiate shopping", Deadline: stepDeadline, Retriable: true,
			Action: func(o Order) *saga.Command {
				return command(topics.DepotCommands, o, &depotv1.InitiateShopping{OrderId: o.OrderID})
			},
		},
	},
}
