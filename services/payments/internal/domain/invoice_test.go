package domain_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/aggregate"
	"mallbots.example/pkg/money"
	"mallbots.example/services/payments/internal/domain"
)

// invoice is of Ada's order a, over 20 dollars.
func invoice(status domain.InvoiceStatus) *domain.Invoice {
	return domain.RestoreInvoice(meta, domain.InvoiceState{
		OrderID: "a", CustomerID: "ada", PaymentID: "it", Amount: usd(2000), Status: status,
	})
}

func TestANewInvoiceAsksForTheTotalOfItsOrder(t *testing.T) {
	i, err := domain.Issue("it", domain.Order{ID: "a", CustomerID: "ada", PaymentID: "p", Total: usd(2000)}, monday)
	require.NoError(t, err)
	require.Equal(t, domain.InvoiceState{
		OrderID: "a", CustomerID: "ada", PaymentID: "p", Amount: usd(2000), Status: domain.Pending,
	}, i.State())
	require.Equal(t, []domain.InvoiceEvent{domain.InvoiceCreated}, i.Events())
	require.Equal(t, aggregate.Meta{ID: "it", Version: 1, CreatedAt: monday, UpdatedAt: monday}, i.Meta())
}

func TestAnInvoiceNeedsAnOrderACustomerAPaymentAndAnAmount(t *testing.T) {
	for field, change := range map[string]func(*domain.Order){
		"order_id":    func(o *domain.Order) { o.ID = "" },
		"customer_id": func(o *domain.Order) { o.CustomerID = " " },
		"payment_id":  func(o *domain.Order) { o.PaymentID = "" },
		"amount":      func(o *domain.Order) { o.Total = usd(-1) },
	} {
		o := order("a")
		change(&o)
		_, err := domain.Issue("it", o, monday)
		requireBadField(t, err, field)
	}
	foreign := order("a")
	foreign.Total = money.Must("EUR", 2000)
	_, err := domain.Issue("it", foreign, monday)
	requireReason(t, err, "CURRENCY_MISMATCH")
}

// Each state × each command: allowed, without effect, or refused with which reason.
func TestWhatMayBecomeOfAnInvoice(t *testing.T) {
	pay := func(i *domain.Invoice, p *domain.Payment) error { return i.Pay(p, tuesday) }
	cancel := func(i *domain.Invoice, _ *domain.Payment) error { return i.Cancel(tuesday) }
	adjust := func(amount money.Money) func(*domain.Invoice, *domain.Payment) error {
		return func(i *domain.Invoice, p *domain.Payment) error { return i.Adjust(amount, p, tuesday) }
	}
	const none = domain.InvoiceEvent("")
	for name, test := range map[string]struct {
		status domain.InvoiceStatus
		do     func(*domain.Invoice, *domain.Payment) error
		err    error
		event  domain.InvoiceEvent
	}{
		"a pending invoice can be paid":                       {domain.Pending, pay, nil, domain.InvoicePaid},
		"a pending invoice can be canceled":                   {domain.Pending, cancel, nil, domain.InvoiceCanceled},
		"a pending invoice can be raised":                     {domain.Pending, adjust(usd(2500)), nil, domain.InvoiceAdjusted},
		"a pending invoice can be lowered to nothing":         {domain.Pending, adjust(usd(0)), nil, domain.InvoiceAdjusted},
		"a pending invoice keeps the amount that it has":      {domain.Pending, adjust(usd(2000)), nil, none},
		"a pending invoice is at most what was set aside":     {domain.Pending, adjust(usd(2501)), domain.ErrTooSmall, none},
		"a paid invoice cannot be paid":                       {domain.Paid, pay, domain.ErrNotPending, none},
		"a paid invoice cannot be canceled":                   {domain.Paid, cancel, domain.ErrNotPending, none},
		"a paid invoice cannot be adjusted":                   {domain.Paid, adjust(usd(1)), domain.ErrNotPending, none},
		"a paid invoice cannot be adjusted to what it is":     {domain.Paid, adjust(usd(2000)), domain.ErrNotPending, none},
		"a canceled invoice cannot be paid":                   {domain.Canceled, pay, domain.ErrNotPending, none},
		"a canceled invoice cannot be canceled":               {domain.Canceled, cancel, domain.ErrNotPending, none},
		"a canceled invoice cannot be adjusted":               {domain.Canceled, adjust(usd(1)), domain.ErrNotPending, none},
		"a canceled invoice is told before a broken currency": {domain.Canceled, adjust(money.Must("EUR", 1)), domain.ErrNotPending, none},
	} {
		t.Run(name, func(t *testing.T) {
			i, p := invoice(test.status), payment(domain.Confirmed, "a")
			before := i.State()
			require.ErrorIs(t, test.do(i, p), test.err)
			require.Equal(t, test.event == domain.InvoicePaid, p.State().Status == domain.Captured, "paid and captured are one")
			if test.event == none {
				require.Equal(t, before, i.State())
				require.Empty(t, i.Events())
				require.Equal(t, meta, i.Meta())
				return
			}
			require.Equal(t, []domain.InvoiceEvent{test.event}, i.Events())
			require.EqualValues(t, 4, i.Meta().Version)
			require.Equal(t, tuesday, i.Meta().UpdatedAt)
		})
	}
}

func TestAnInvoiceIsNotAdjustedToWhatIsNoAmountOfTheMall(t *testing.T) {
	i := invoice(domain.Pending)
	requireBadField(t, i.Adjust(usd(-1), payment(domain.Confirmed, "a"), tuesday), "amount")
	requireReason(t, i.Adjust(money.Must("EUR", 1), payment(domain.Confirmed, "a"), tuesday), "CURRENCY_MISMATCH")
	require.Empty(t, i.Events())
}

func TestWhatAnInvoiceIsAdjustedToIsCaptured(t *testing.T) {
	i, p := invoice(domain.Pending), payment(domain.Confirmed, "a")
	require.NoError(t, i.Adjust(usd(1500), p, tuesday))
	require.NoError(t, i.Pay(p, tuesday))
	require.Equal(t, usd(1500), i.State().Amount)
	require.Equal(t, domain.Paid, i.State().Status)
	require.EqualValues(t, 5, i.Meta().Version)
}

func TestNoMoreIsCapturedThanWasSetAside(t *testing.T) {
	small := domain.RestorePayment(meta, domain.PaymentState{CustomerID: "ada", Amount: usd(1999), Status: domain.Confirmed, OrderID: "a"})
	i := invoice(domain.Pending)
	require.ErrorIs(t, i.Pay(small, tuesday), domain.ErrTooSmall)
	require.Equal(t, domain.Pending, i.State().Status)
	require.Equal(t, domain.Confirmed, small.State().Status)
}

func TestWithoutAPaymentNothingIsPaidOrRaised(t *testing.T) {
	i := invoice(domain.Pending)
	require.ErrorIs(t, i.Pay(nil, tuesday), domain.ErrNotConfirmed)
	require.ErrorIs(t, i.Adjust(usd(1), nil, tuesday), domain.ErrTooSmall)
	require.ErrorIs(t, invoice(domain.Paid).Pay(nil, tuesday), domain.ErrNotPending)
	require.Empty(t, i.Events())
}
