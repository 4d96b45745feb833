package domain_test

import (
	"testing"

	"mallbots.example/pkg/es/estest"
	"mallbots.example/pkg/money"
	"mallbots.example/services/internal/mall"
	"mallbots.example/services/ordering/internal/domain"
)

func TestWhatIsStoredOfOrdersStaysReadable(t *testing.T) {
	wanted := domain.OrderCancelRequested{StatusBefore: domain.Approved, Cause: domain.ByCustomer}
	givenUp := domain.OrderCancelRequested{StatusBefore: domain.Approved, Cause: domain.ListGivenUp}
	estest.Golden(t, "testdata/order.golden", domain.Codec(), func() *domain.Order { return &domain.Order{} },
		domain.OrderCreated{
			CustomerID: "ada", PaymentID: "visa", Items: draft().Items, Total: money.Must(mall.Currency, 3*450+2999),
		},
		domain.OrderRejected{Reason: "OUT_OF_STOCK"},
		domain.OrderApproved{ShoppingListID: "list"},
		wanted, domain.OrderCancelRefused{Reason: "LIST_ASSIGNED"}, givenUp,
		domain.OrderShoppingStarted{},
		domain.OrderReadied{},
		domain.OrderInvoiced{InvoiceID: "invoice"},
		domain.OrderCompleted{},
		domain.OrderCanceled{},
	)
}
