// Package access decides who may call what through the gateway, and how often. gRPC and JSON ask the same Guard.
package access

import (
	"fmt"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	customersv1 "mallbots.example/api/mallbots/customers/v1"
	depotv1 "mallbots.example/api/mallbots/depot/v1"
	notificationsv1 "mallbots.example/api/mallbots/notifications/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	searchv1 "mallbots.example/api/mallbots/search/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
)

// Role is what a client is for. Each may do all that the one before it may.
type Role int

// The roles.
const (
	// Customer is a kiosk or an app that shops on behalf of customers.
	Customer Role = iota + 1
	// Staff run stores, depot and the counter at which customers pay.
	Staff
	// Admin may do everything.
	Admin
)

var roleNames = map[Role]string{Customer: "customer", Staff: "staff", Admin: "admin"}

// String implements fmt.Stringer.
func (r Role) String() string { return roleNames[r] }

func parseRole(name string) (Role, error) {
	for role, known := range roleNames {
		if name == known {
			return role, nil
		}
	}
	return 0, fmt.Errorf("the role must be %s, %s or %s", Customer, Staff, Admin)
}

// needed has the role that each public RPC needs. A test sees to it that none is missing.
var needed = map[string]Role{
	storesv1.StoresService_CreateStore_FullMethodName:          Staff,
	storesv1.StoresService_GetStore_FullMethodName:             Customer,
	storesv1.StoresService_ListStores_FullMethodName:           Customer,
	storesv1.StoresService_RebrandStore_FullMethodName:         Staff,
	storesv1.StoresService_EnableParticipation_FullMethodName:  Staff,
	storesv1.StoresService_DisableParticipation_FullMethodName: Staff,
	storesv1.StoresService_AddProduct_FullMethodName:           Staff,
	storesv1.StoresService_GetProduct_FullMethodName:           Customer,
	storesv1.StoresService_ListProducts_FullMethodName:         Customer,
	storesv1.StoresService_RebrandProduct_FullMethodName:       Staff,
	storesv1.StoresService_IncreaseProductPrice_FullMethodName: Staff,
	storesv1.StoresService_DecreaseProductPrice_FullMethodName: Staff,
	storesv1.StoresService_AdjustStock_FullMethodName:          Staff,
	storesv1.StoresService_RemoveProduct_FullMethodName:        Staff,

	customersv1.CustomersService_RegisterCustomer_FullMethodName:  Customer,
	customersv1.CustomersService_GetCustomer_FullMethodName:       Customer,
	customersv1.CustomersService_ListCustomers_FullMethodName:     Staff, // all names and numbers
	customersv1.CustomersService_ChangeSmsNumber_FullMethodName:   Customer,
	customersv1.CustomersService_EnableCustomer_FullMethodName:    Staff,
	customersv1.CustomersService_DisableCustomer_FullMethodName:   Staff,
	customersv1.CustomersService_AuthorizeCustomer_FullMethodName: Customer,

	basketsv1.BasketsService_StartBasket_FullMethodName:    Customer,
	basketsv1.BasketsService_GetBasket_FullMethodName:      Customer,
	basketsv1.BasketsService_AddItem_FullMethodName:        Customer,
	basketsv1.BasketsService_RemoveItem_FullMethodName:     Customer,
	basketsv1.BasketsService_CheckoutBasket_FullMethodName: Customer,
	basketsv1.BasketsService_CancelBasket_FullMethodName:   Customer,

	orderingv1.OrderingService_GetOrder_FullMethodName:    Customer,
	orderingv1.OrderingService_ListOrders_FullMethodName:  Customer,
	orderingv1.OrderingService_CancelOrder_FullMethodName: Customer,
	orderingv1.OrderingService_WatchOrder_FullMethodName:  Customer,

	depotv1.DepotService_RegisterBot_FullMethodName:          Staff,
	depotv1.DepotService_ListBots_FullMethodName:             Staff,
	depotv1.DepotService_GetShoppingList_FullMethodName:      Staff,
	depotv1.DepotService_ListShoppingLists_FullMethodName:    Staff,
	depotv1.DepotService_AssignShoppingList_FullMethodName:   Staff,
	depotv1.DepotService_CompleteShoppingList_FullMethodName: Staff,
	depotv1.DepotService_CancelShoppingList_FullMethodName:   Staff,
	depotv1.DepotService_WatchShoppingLists_FullMethodName:   Staff,

	paymentsv1.PaymentsService_AuthorizePayment_FullMethodName: Customer,
	paymentsv1.PaymentsService_GetPayment_FullMethodName:       Customer,
	paymentsv1.PaymentsService_GetInvoice_FullMethodName:       Customer,
	paymentsv1.PaymentsService_ListInvoices_FullMethodName:     Customer,
	paymentsv1.PaymentsService_PayInvoice_FullMethodName:       Staff, // at the counter
	paymentsv1.PaymentsService_CancelInvoice_FullMethodName:    Staff,
	paymentsv1.PaymentsService_AdjustInvoice_FullMethodName:    Staff,

	notificationsv1.NotificationsService_ListNotifications_FullMethodName: Customer,
	notificationsv1.NotificationsService_RetryNotification_FullMethodName: Staff, // who asks has seen to why it failed

	searchv1.SearchService_SearchOrders_FullMethodName:  Staff, // everybody's orders
	searchv1.SearchService_GetOrder_FullMethodName:      Customer,
	searchv1.SearchService_RebuildOrders_FullMethodName: Admin,
}

// roleFor is the role that a method needs. What the table does not have is not public, and nobody else's business.
func roleFor(method string) Role {
	if role, ok := needed[method]; ok {
		return role
	}
	return Admin
}
