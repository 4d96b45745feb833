package steps

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	customersv1 "mallbots.example/api/mallbots/customers/v1"
	depotv1 "mallbots.example/api/mallbots/depot/v1"
	notificationsv1 "mallbots.example/api/mallbots/notifications/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	searchv1 "mallbots.example/api/mallbots/search/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
)

// The requests of features about the API are about these, which the features make first; the robot is in malls without others.
const (
	theStore    = "Tinker"
	theProduct  = "Servo"
	theCustomer = "Ada"
	theRobot    = "Robby"
)

// requestOf makes all that an RPC needs, and the request that it does not refuse.
func (w *world) requestOf(ctx context.Context, method string) (proto.Message, error) {
	switch method {
	case "Search/RebuildOrders":
		return &searchv1.RebuildOrdersRequest{}, nil
	case "Depot/RegisterBot", "Stores/CreateStore", "Customers/RegisterCustomer":
		return wellFormed(method)
	}
	for _, of := range []func(context.Context, string) (proto.Message, error){
		w.requestOfStores, w.requestOfCustomers, w.requestOfBaskets, w.requestOfOrders, w.requestOfInvoices, w.requestOfNotifications,
	} {
		if request, err := of(ctx, method); request != nil || err != nil {
			return request, err
		}
	}
	return nil, fmt.Errorf("the features know no request of %s", method)
}

func (w *world) requestOfStores(ctx context.Context, method string) (proto.Message, error) {
	store, product := w.storeIDs[theStore], w.productIDs[theProduct]
	dollars := func(n int64) *typev1.Money { return &typev1.Money{CurrencyCode: currency, MinorUnits: 100 * n} }
	switch method {
	case "Stores/RebrandStore":
		return &storesv1.RebrandStoreRequest{Id: store, Name: "Tinker & Sons"}, nil
	case "Stores/EnableParticipation":
		err := w.leave(ctx, theStore)
		return &storesv1.EnableParticipationRequest{Id: store}, err
	case "Stores/DisableParticipation":
		return &storesv1.DisableParticipationRequest{Id: store}, nil
	case "Stores/AddProduct":
		return &storesv1.AddProductRequest{StoreId: store, Name: "Gear", Price: dollars(3)}, nil
	case "Stores/RebrandProduct":
		return &storesv1.RebrandProductRequest{Id: product, Name: "Servo II"}, nil
	case "Stores/IncreaseProductPrice":
		return &storesv1.IncreaseProductPriceRequest{Id: product, Price: dollars(1000)}, nil
	case "Stores/DecreaseProductPrice":
		return &storesv1.DecreaseProductPriceRequest{Id: product, Price: dollars(1)}, nil
	case "Stores/AdjustStock":
		return &storesv1.AdjustStockRequest{ProductId: product, Delta: 5}, nil
	case "Stores/RemoveProduct":
		return &storesv1.RemoveProductRequest{Id: product}, nil
	default:
		return nil, nil //nolint:nilnil // of another service
	}
}

func (w *world) requestOfCustomers(ctx context.Context, method string) (proto.Message, error) {
	s, err := w.shopper(theCustomer)
	if err != nil {
		return nil, err
	}
	switch method {
	case "Customers/ChangeSmsNumber":
		return &customersv1.ChangeSmsNumberRequest{Id: s.customerID, SmsNumber: "+12025550199"}, nil
	case "Customers/EnableCustomer":
		err := w.disable(ctx, theCustomer)
		return &customersv1.EnableCustomerRequest{Id: s.customerID}, err
	case "Customers/DisableCustomer":
		return &customersv1.DisableCustomerRequest{Id: s.customerID}, nil
	case "Payments/AuthorizePayment":
		return &paymentsv1.AuthorizePaymentRequest{CustomerId: s.customerID, Amount: &typev1.Money{CurrencyCode: currency, MinorUnits: 100}}, nil
	case "Baskets/StartBasket":
		return &basketsv1.StartBasketRequest{CustomerId: s.customerID}, nil
	default:
		return nil, nil //nolint:nilnil // of another service
	}
}

func (w *world) requestOfBaskets(ctx context.Context, method string) (proto.Message, error) {
	switch method {
	case "Baskets/AddItem", "Baskets/RemoveItem", "Baskets/CheckoutBasket", "Baskets/CancelBasket":
	default:
		return nil, nil //nolint:nilnil // of another service
	}
	if err := w.put(ctx, theCustomer, 3, theProduct); err != nil {
		return nil, err
	}
	s := w.shoppers[theCustomer]
	switch method {
	case "Baskets/AddItem":
		return &basketsv1.AddItemRequest{BasketId: s.basketID, ProductId: w.productIDs[theProduct], Quantity: 2}, nil
	case "Baskets/RemoveItem":
		return &basketsv1.RemoveItemRequest{BasketId: s.basketID, ProductId: w.productIDs[theProduct], Quantity: 1}, nil
	case "Baskets/CheckoutBasket":
		err := w.setAside(ctx, theCustomer, "1000.00")
		return &basketsv1.CheckoutBasketRequest{Id: s.basketID, PaymentId: s.paymentID}, err
	default:
		return &basketsv1.CancelBasketRequest{Id: s.basketID}, nil
	}
}

func (w *world) requestOfOrders(ctx context.Context, method string) (proto.Message, error) {
	switch method {
	case "Ordering/CancelOrder", "Depot/AssignShoppingList", "Depot/CompleteShoppingList", "Depot/CancelShoppingList":
	default:
		return nil, nil //nolint:nilnil // of another service
	}
	if err := w.hasOrdered(ctx, theCustomer, 1, theProduct); err != nil {
		return nil, err
	}
	if method == "Ordering/CancelOrder" {
		return &orderingv1.CancelOrderRequest{Id: w.shoppers[theCustomer].orderID}, nil
	}
	if err := w.aRobot(ctx, theRobot); err != nil {
		return nil, err
	}
	list, err := w.releasedList(ctx, theCustomer)
	if err != nil {
		return nil, err
	}
	switch method {
	case "Depot/AssignShoppingList":
		return &depotv1.AssignShoppingListRequest{Id: list.GetId(), BotId: w.robotIDs[theRobot]}, nil
	case "Depot/CompleteShoppingList":
		err := w.take(ctx, theRobot, theCustomer)
		return &depotv1.CompleteShoppingListRequest{Id: list.GetId(), BotId: w.robotIDs[theRobot]}, err
	default:
		return &depotv1.CancelShoppingListRequest{Id: list.GetId()}, nil
	}
}

func (w *world) requestOfInvoices(ctx context.Context, method string) (proto.Message, error) {
	switch method {
	case "Payments/PayInvoice", "Payments/CancelInvoice", "Payments/AdjustInvoice":
	default:
		return nil, nil //nolint:nilnil // of another service
	}
	if err := w.hasOrdered(ctx, theCustomer, 1, theProduct); err != nil {
		return nil, err
	}
	if err := w.aRobot(ctx, theRobot); err != nil {
		return nil, err
	}
	if err := w.collect(ctx, theRobot, theCustomer); err != nil {
		return nil, err
	}
	invoice, err := w.invoice(ctx, theCustomer)
	if err != nil {
		return nil, err
	}
	switch method {
	case "Payments/PayInvoice":
		return &paymentsv1.PayInvoiceRequest{Id: invoice.GetId()}, nil
	case "Payments/CancelInvoice":
		return &paymentsv1.CancelInvoiceRequest{Id: invoice.GetId()}, nil
	default:
		return &paymentsv1.AdjustInvoiceRequest{Id: invoice.GetId(), Amount: &typev1.Money{CurrencyCode: currency, MinorUnits: 100}}, nil
	}
}

// requestOfNotifications is about a message that the carrier has refused.
func (w *world) requestOfNotifications(ctx context.Context, method string) (proto.Message, error) {
	if method != "Notifications/RetryNotification" {
		return nil, nil //nolint:nilnil // of another service
	}
	if err := w.register(ctx, theCustomer, RefusedNumber); err != nil {
		return nil, err
	}
	if err := w.order(ctx, theCustomer, 1, theProduct); err != nil {
		return nil, err
	}
	failed, err := w.message(ctx, theCustomer, "was received", notificationsv1.NotificationStatus_NOTIFICATION_STATUS_FAILED)
	return &notificationsv1.RetryNotificationRequest{Id: failed.GetId()}, err
}
