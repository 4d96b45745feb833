package domain_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/es"
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

// requestBefore is a request to cancel as programs know it from before there were causes. They run beside newer ones during a rollout.
type requestBefore struct {
	StatusBefore domain.Status `json:"status_before"`
}

func (requestBefore) EventName() string { return domain.OrderCancelRequested{}.EventName() }

func TestTheVersionBeforeCausesReadsRequestsThatHaveOne(t *testing.T) {
	for _, cause := range []domain.Cause{domain.ByCustomer, domain.ListGivenUp, domain.InvoiceCanceled} {
		data, schema, err := domain.Codec().Encode(domain.OrderCancelRequested{StatusBefore: domain.Ready, Cause: cause})
		require.NoError(t, err)
		read, err := es.NewCodec(requestBefore{}).Decode(requestBefore{}.EventName(), schema, data)
		require.NoError(t, err, "cause %q", cause)
		require.Equal(t, requestBefore{StatusBefore: domain.Ready}, read)
	}
}
