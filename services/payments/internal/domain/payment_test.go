package domain_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/aggregate"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/money"
	"mallbots.example/services/payments/internal/domain"
)

var (
	monday  = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	tuesday = monday.Add(24 * time.Hour)
	meta    = aggregate.Meta{ID: "it", Version: 3, CreatedAt: monday, UpdatedAt: monday}
)

func usd(cents int64) money.Money { return money.Must("USD", cents) }

// order is Ada's, and costs 20 dollars.
func order(id string) domain.Order {
	return domain.Order{ID: id, CustomerID: "ada", PaymentID: "it", Total: usd(2000)}
}

// payment is of Ada, over 25 dollars.
func payment(status domain.PaymentStatus, orderID string) *domain.Payment {
	return domain.RestorePayment(meta, domain.PaymentState{CustomerID: "ada", Amount: usd(2500), Status: status, OrderID: orderID})
}

func requireBadField(t *testing.T, err error, field string) {
	t.Helper()
	refusal, ok := fault.As(err)
	require.True(t, ok, "%v", err)
	require.Equal(t, fault.Invalid, refusal.Kind)
	require.Equal(t, field, refusal.Fields[0].Name)
}

func requireReason(t *testing.T, err error, reason string) {
	t.Helper()
	refusal, ok := fault.As(err)
	require.True(t, ok, "%v", err)
	require.Equal(t, fault.Refused, refusal.Kind)
	require.Equal(t, reason, refusal.Reason)
}

func TestANewPaymentIsAuthorizedForNoOrderYet(t *testing.T) {
	p, err := domain.Authorize("it", "ada", usd(2500), monday)
	require.NoError(t, err)
	require.Equal(t, domain.PaymentState{CustomerID: "ada", Amount: usd(2500), Status: domain.Authorized}, p.State())
	require.Equal(t, []domain.PaymentEvent{domain.PaymentAuthorized}, p.Events())
	require.Equal(t, aggregate.Meta{ID: "it", Version: 1, CreatedAt: monday, UpdatedAt: monday}, p.Meta())
}

func TestNothingIsAnAmountThatCanBeAuthorized(t *testing.T) {
	_, err := domain.Authorize("it", "ada", usd(0), monday)
	require.NoError(t, err)
}

func TestAPaymentNeedsACustomerAndAnAmountOfTheMallsCurrency(t *testing.T) {
	_, err := domain.Authorize("it", " ", usd(2500), monday)
	requireBadField(t, err, "customer_id")
	_, err = domain.Authorize("it", "ada", usd(-1), monday)
	requireBadField(t, err, "amount")
	for _, foreign := range []money.Money{money.Must("EUR", 2500), {}} {
		_, err = domain.Authorize("it", "ada", foreign, monday)
		requireReason(t, err, "CURRENCY_MISMATCH")
	}
}

// Each state × each command: allowed, without effect, or refused with which reason.
func TestWhatMayBecomeOfAPayment(t *testing.T) {
	confirm := func(id string) func(*domain.Payment) error {
		return func(p *domain.Payment) error { return p.Confirm(order(id), tuesday) }
	}
	void := func(id string) func(*domain.Payment) error {
		return func(p *domain.Payment) error {
			p.Void(id, tuesday)
			return nil
		}
	}
	pay := func(id string) func(*domain.Payment) error {
		return func(p *domain.Payment) error {
			invoice, err := domain.Issue("invoice", order(id), monday)
			if err != nil {
				return err
			}
			return invoice.Pay(p, tuesday)
		}
	}
	const none = domain.PaymentEvent("")
	for name, test := range map[string]struct {
		status domain.PaymentStatus
		bound  string
		do     func(*domain.Payment) error
		err    error
		event  domain.PaymentEvent
	}{
		"an authorized payment can be confirmed":                     {domain.Authorized, "", confirm("a"), nil, domain.PaymentConfirmed},
		"an authorized payment can be voided":                        {domain.Authorized, "", void("a"), nil, domain.PaymentVoided},
		"an authorized payment cannot be captured":                   {domain.Authorized, "", pay("a"), domain.ErrNotConfirmed, none},
		"a confirmed payment stays as it is for its order":           {domain.Confirmed, "a", confirm("a"), nil, none},
		"a confirmed payment is not for another order":               {domain.Confirmed, "a", confirm("b"), domain.ErrInUse, none},
		"a confirmed payment can be voided by its order":             {domain.Confirmed, "a", void("a"), nil, domain.PaymentVoided},
		"a confirmed payment is not voided by another order":         {domain.Confirmed, "a", void("b"), nil, none},
		"a confirmed payment is captured for its order":              {domain.Confirmed, "a", pay("a"), nil, domain.PaymentCaptured},
		"a confirmed payment is not captured for another order":      {domain.Confirmed, "a", pay("b"), domain.ErrNotConfirmed, none},
		"a captured payment stays as it is for its order":            {domain.Captured, "a", confirm("a"), nil, none},
		"a captured payment is not for another order":                {domain.Captured, "a", confirm("b"), domain.ErrInUse, none},
		"a captured payment is not voided":                           {domain.Captured, "a", void("a"), nil, none},
		"a captured payment is not captured again":                   {domain.Captured, "a", pay("a"), domain.ErrNotConfirmed, none},
		"a voided payment cannot be confirmed":                       {domain.Voided, "", confirm("a"), domain.ErrNotAuthorized, none},
		"a voided payment of an order cannot be confirmed for it":    {domain.Voided, "a", confirm("a"), domain.ErrNotAuthorized, none},
		"a voided payment of an order cannot be confirmed for other": {domain.Voided, "a", confirm("b"), domain.ErrNotAuthorized, none},
		"a voided payment stays voided":                              {domain.Voided, "a", void("a"), nil, none},
		"a voided payment that was unbound stays voided":             {domain.Voided, "", void("a"), nil, none},
		"a voided payment is not captured":                           {domain.Voided, "a", pay("a"), domain.ErrNotConfirmed, none},
	} {
		t.Run(name, func(t *testing.T) {
			p := payment(test.status, test.bound)
			before := p.State()
			require.ErrorIs(t, test.do(p), test.err)
			if test.event == none {
				require.Equal(t, before, p.State())
				require.Empty(t, p.Events())
				require.Equal(t, meta, p.Meta())
				return
			}
			require.Equal(t, []domain.PaymentEvent{test.event}, p.Events())
			require.EqualValues(t, 4, p.Meta().Version)
			require.Equal(t, tuesday, p.Meta().UpdatedAt)
			require.Equal(t, string(test.event), string(p.State().Status), "events are named for the status that they lead to")
		})
	}
}

func TestAConfirmedPaymentKnowsItsOrderAndAVoidedOneRemembersIt(t *testing.T) {
	p := payment(domain.Authorized, "")
	require.NoError(t, p.Confirm(order("a"), tuesday))
	require.Equal(t, "a", p.State().OrderID)
	p.Void("a", tuesday)
	require.Equal(t, "a", p.State().OrderID)
}

func TestAPaymentIsConfirmedOnlyForWhatItCovers(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*domain.Order)
		reason string
	}{
		"all of it":              {func(o *domain.Order) { o.Total = usd(2500) }, ""},
		"nothing":                {func(o *domain.Order) { o.Total = usd(0) }, ""},
		"a cent more":            {func(o *domain.Order) { o.Total = usd(2501) }, "PAYMENT_TOO_SMALL"},
		"another currency":       {func(o *domain.Order) { o.Total = money.Must("EUR", 1) }, "CURRENCY_MISMATCH"},
		"no currency":            {func(o *domain.Order) { o.Total = money.Money{} }, "CURRENCY_MISMATCH"},
		"another customer":       {func(o *domain.Order) { o.CustomerID = "bob" }, "PAYMENT_OF_OTHER_CUSTOMER"},
		"all wrong: whose first": {func(o *domain.Order) { o.CustomerID, o.Total = "bob", money.Must("EUR", 1) }, "PAYMENT_OF_OTHER_CUSTOMER"},
	} {
		t.Run(name, func(t *testing.T) {
			p, o := payment(domain.Authorized, ""), order("a")
			test.change(&o)
			err := p.Confirm(o, tuesday)
			if test.reason == "" {
				require.NoError(t, err)
				require.Equal(t, domain.Confirmed, p.State().Status)
				return
			}
			requireReason(t, err, test.reason)
			require.Equal(t, domain.Authorized, p.State().Status)
			require.Empty(t, p.Events())
		})
	}
}

func TestTheFirstReasonThatHoldsIsTold(t *testing.T) {
	tooMuch := order("b")
	tooMuch.Total = usd(9999)
	require.ErrorIs(t, payment(domain.Confirmed, "a").Confirm(tooMuch, tuesday), domain.ErrInUse)
	require.ErrorIs(t, payment(domain.Voided, "").Confirm(tooMuch, tuesday), domain.ErrNotAuthorized)
	tooMuch.CustomerID = "bob"
	require.ErrorIs(t, payment(domain.Confirmed, "a").Confirm(tooMuch, tuesday), domain.ErrOfOtherCustomer)
}

func TestAPaymentIsNotBoundToNothing(t *testing.T) {
	requireBadField(t, payment(domain.Authorized, "").Confirm(order(""), tuesday), "order_id")
	negative := order("a")
	negative.Total = usd(-1)
	requireBadField(t, payment(domain.Authorized, "").Confirm(negative, tuesday), "amount")
}
