package api_test

import (
	"errors"
	"strings"
	"testing"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	customersv1 "mallbots.example/api/mallbots/customers/v1"
	depotv1 "mallbots.example/api/mallbots/depot/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	searchv1 "mallbots.example/api/mallbots/search/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
)

const (
	id      = "01920f3c-5e3a-7c1e-9b7a-0242ac120002"
	otherID = "01920f3c-5e3a-7c1e-9b7a-0242ac120003"
)

func usd(minorUnits int64) *typev1.Money {
	return &typev1.Money{CurrencyCode: "USD", MinorUnits: minorUnits}
}

// The rules are read by reflection when a request comes in: a rule that does not compile, or an extension that is not found,
// would show only then.
func TestRules(t *testing.T) {
	tests := []struct {
		name    string
		request proto.Message
		field   string // the path of the one field that is refused; empty: the request is valid
		message string // what the client is told, where the wording is ours
	}{
		{name: "a_store", request: &storesv1.CreateStoreRequest{Name: "Toys", Location: "Level 1"}},
		{
			name:    "a_store_with_a_request_id",
			request: &storesv1.CreateStoreRequest{Name: "Toys", Location: "Level 1", RequestId: new(id)},
		},
		{
			name:    "a_store_without_a_name",
			request: &storesv1.CreateStoreRequest{Location: "Level 1"},
			field:   "name", message: "must not be blank",
		},
		{
			name:    "a_store_whose_location_is_white_space",
			request: &storesv1.CreateStoreRequest{Name: "Toys", Location: " \t\n\u00a0\u2003"},
			field:   "location", message: "must not be blank",
		},
		{
			name:    "a_store_whose_name_has_white_space_around_it",
			request: &storesv1.CreateStoreRequest{Name: " Toys ", Location: "Level 1"},
		},
		{
			name:    "a_store_whose_name_is_too_long",
			request: &storesv1.CreateStoreRequest{Name: strings.Repeat("x", 101), Location: "Level 1"},
			field:   "name",
		},
		{
			name:    "a_store_whose_name_is_as_long_as_may_be",
			request: &storesv1.CreateStoreRequest{Name: strings.Repeat("ü", 100), Location: "Level 1"},
		},
		{
			name:    "a_request_id_that_is_no_uuid",
			request: &storesv1.CreateStoreRequest{Name: "Toys", Location: "Level 1", RequestId: new("again")},
			field:   "request_id",
		},
		{
			name:    "a_request_id_that_is_given_but_empty",
			request: &storesv1.CreateStoreRequest{Name: "Toys", Location: "Level 1", RequestId: new("")},
			field:   "request_id",
		},
		{name: "a_store_by_its_id", request: &storesv1.GetStoreRequest{Id: id}},
		{name: "a_store_by_no_id", request: &storesv1.GetStoreRequest{}, field: "id"},
		{name: "a_store_by_what_is_no_id", request: &storesv1.GetStoreRequest{Id: "42"}, field: "id"},
		{name: "the_first_page", request: &storesv1.ListStoresRequest{}},
		{name: "the_largest_page", request: &storesv1.ListStoresRequest{PageSize: 100}},
		{name: "a_page_that_is_too_large", request: &storesv1.ListStoresRequest{PageSize: 101}, field: "page_size"},
		{name: "a_page_of_less_than_nothing", request: &storesv1.ListStoresRequest{PageSize: -1}, field: "page_size"},
		{
			name:    "a_page_token_that_is_too_long",
			request: &storesv1.ListStoresRequest{PageToken: strings.Repeat("x", 513)},
			field:   "page_token",
		},
		{
			name:    "a_product_of_unlimited_stock",
			request: &storesv1.AddProductRequest{StoreId: id, Name: "Robot", Price: usd(1250)},
		},
		{
			name:    "a_product_that_is_sold_out_and_free",
			request: &storesv1.AddProductRequest{StoreId: id, Name: "Robot", Price: usd(0), Stock: new(int64(0))},
		},
		{
			name:    "a_product_without_a_price",
			request: &storesv1.AddProductRequest{StoreId: id, Name: "Robot"},
			field:   "price",
		},
		{
			name:    "a_product_of_a_negative_price",
			request: &storesv1.AddProductRequest{StoreId: id, Name: "Robot", Price: usd(-1)},
			field:   "price.minor_units",
		},
		{
			name:    "a_product_of_a_price_beyond_all_measure",
			request: &storesv1.AddProductRequest{StoreId: id, Name: "Robot", Price: usd(1_000_000_000_001)},
			field:   "price.minor_units",
		},
		{
			name: "a_product_of_a_price_in_no_currency",
			request: &storesv1.AddProductRequest{
				StoreId: id, Name: "Robot", Price: &typev1.Money{CurrencyCode: "usd", MinorUnits: 1},
			},
			field: "price.currency_code",
		},
		{
			name:    "a_product_of_negative_stock",
			request: &storesv1.AddProductRequest{StoreId: id, Name: "Robot", Price: usd(1), Stock: new(int64(-1))},
			field:   "stock",
		},
		{name: "less_stock", request: &storesv1.AdjustStockRequest{ProductId: id, Delta: -3}},
		{name: "the_same_stock", request: &storesv1.AdjustStockRequest{ProductId: id}, field: "delta"},
		{
			name:    "a_customer",
			request: &customersv1.RegisterCustomerRequest{Name: "Ada", SmsNumber: "+15555550123"},
		},
		{
			name:    "a_customer_with_a_number_without_a_country",
			request: &customersv1.RegisterCustomerRequest{Name: "Ada", SmsNumber: "5555550123"},
			field:   "sms_number",
		},
		{
			name:    "a_customer_with_a_number_that_is_too_long",
			request: &customersv1.RegisterCustomerRequest{Name: "Ada", SmsNumber: "+1234567890123456"},
			field:   "sms_number",
		},
		{
			name:    "a_customer_with_a_number_on_two_lines",
			request: &customersv1.ChangeSmsNumberRequest{Id: id, SmsNumber: "+15555550123\n"},
			field:   "sms_number",
		},
		{name: "one_item", request: &basketsv1.AddItemRequest{BasketId: id, ProductId: otherID, Quantity: 1}},
		{
			name:    "no_item",
			request: &basketsv1.AddItemRequest{BasketId: id, ProductId: otherID},
			field:   "quantity",
		},
		{
			name:    "too_many_items",
			request: &basketsv1.AddItemRequest{BasketId: id, ProductId: otherID, Quantity: 10_001},
			field:   "quantity",
		},
		{
			name:    "a_checkout_without_a_payment",
			request: &basketsv1.CheckoutBasketRequest{Id: id},
			field:   "payment_id",
		},
		{name: "all_shopping_lists", request: &depotv1.ListShoppingListsRequest{}},
		{name: "the_shopping_lists_of_an_order", request: &depotv1.ListShoppingListsRequest{OrderId: id}},
		{
			name:    "the_shopping_lists_of_what_is_no_order",
			request: &depotv1.ListShoppingListsRequest{OrderId: "42"},
			field:   "order_id",
		},
		{
			name:    "shopping_lists_in_a_state_that_does_not_exist",
			request: &depotv1.ListShoppingListsRequest{Status: 42},
			field:   "status",
		},
		{name: "a_list_whoever_has_it", request: &depotv1.CancelShoppingListRequest{Id: id}},
		{name: "a_bot_without_a_name", request: &depotv1.RegisterBotRequest{Name: " "}, field: "name"},
		{name: "the_orders_of_nobody", request: &orderingv1.ListOrdersRequest{}, field: "customer_id"},
		{
			name:    "money_of_nobody",
			request: &paymentsv1.AuthorizePaymentRequest{Amount: usd(1)},
			field:   "customer_id",
		},
		{name: "no_money", request: &paymentsv1.AuthorizePaymentRequest{CustomerId: id}, field: "amount"},
		{name: "any_order", request: &searchv1.SearchOrdersRequest{}},
		{
			name: "orders_by_everything",
			request: &searchv1.SearchOrdersRequest{
				CustomerId: id, StoreIds: []string{id, otherID}, ProductIds: []string{id}, MinTotal: usd(1), MaxTotal: usd(2),
				Status: orderingv1.OrderStatus_ORDER_STATUS_READY, Text: "robot", PageSize: 10,
			},
		},
		{
			name:    "orders_of_what_is_no_store",
			request: &searchv1.SearchOrdersRequest{StoreIds: []string{id, "42"}},
			field:   "store_ids[1]",
		},
		{
			name:    "orders_of_too_many_stores",
			request: &searchv1.SearchOrdersRequest{StoreIds: strings.Split(strings.Repeat(id+" ", 51)[:51*37-1], " ")},
			field:   "store_ids",
		},
		{
			name:    "orders_of_a_total_in_no_currency",
			request: &searchv1.SearchOrdersRequest{MinTotal: &typev1.Money{MinorUnits: 1}},
			field:   "min_total.currency_code",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := protovalidate.Validate(test.request)
			if test.field == "" {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			invalid, ok := errors.AsType[*protovalidate.ValidationError](err)
			if !ok {
				t.Fatalf("want a violation of %q, got %v", test.field, err)
			}
			if n := len(invalid.Violations); n != 1 {
				t.Fatalf("want one violation, got %d: %v", n, err)
			}
			violation := invalid.Violations[0].Proto
			if got := protovalidate.FieldPathString(violation.GetField()); got != test.field {
				t.Errorf("refused field %q, want %q", got, test.field)
			}
			if test.message != "" && violation.GetMessage() != test.message {
				t.Errorf("told %q, want %q", violation.GetMessage(), test.message)
			}
		})
	}
}
