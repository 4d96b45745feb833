package domain_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/aggregate"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/money"
	"mallbots.example/services/internal/mall"
	"mallbots.example/services/ordering/internal/domain"
)

var (
	monday  = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	tuesday = monday.Add(24 * time.Hour)
)

func draft() domain.Draft {
	return domain.Draft{CustomerID: "ada", PaymentID: "visa", Items: []domain.Item{
		{ProductID: "tea", StoreID: "pantry", ProductName: "Tea", StoreName: "Pantry", Price: money.Must(mall.Currency, 450), Quantity: 3},
		{ProductID: "pot", StoreID: "kiln", ProductName: "Pot", StoreName: "Kiln", Price: money.Must(mall.Currency, 2999), Quantity: 1},
	}}
}

// pending is a new order.
func pending(t *testing.T) *domain.Order {
	t.Helper()
	o, err := domain.Create("o1", draft(), monday)
	require.NoError(t, err)
	return o
}

func TestANewOrderIsPending(t *testing.T) {
	o := pending(t)
	require.Equal(t, domain.View{
		Meta: aggregate.Meta{ID: "o1", Version: 1, CreatedAt: monday, UpdatedAt: monday},
		State: domain.State{
			CustomerID: "ada", PaymentID: "visa", Items: draft().Items, Total: money.Must(mall.Currency, 3*450+2999), Status: domain.Pending,
		},
	}, o.View())
	require.Len(t, o.Happened(), 1)
	require.Equal(t, o.View(), o.Happened()[0].Order)
}

func TestADraftThatChangesLaterDoesNotChangeTheOrder(t *testing.T) {
	d := draft()
	o, err := domain.Create("o1", d, monday)
	require.NoError(t, err)
	d.Items[0].Quantity = 1000
	require.Equal(t, draft().Items, o.State().Items)
}

func TestAnOrderNeedsAllThatItIsMadeOf(t *testing.T) {
	for name, test := range map[string]struct {
		breakIt func(id *string, d *domain.Draft)
		field   string
	}{
		"no id":             {func(id *string, _ *domain.Draft) { *id = "" }, "id"},
		"no customer":       {func(_ *string, d *domain.Draft) { d.CustomerID = "" }, "customer_id"},
		"no payment":        {func(_ *string, d *domain.Draft) { d.PaymentID = "" }, "payment_id"},
		"no items":          {func(_ *string, d *domain.Draft) { d.Items = nil }, "items"},
		"no product":        {func(_ *string, d *domain.Draft) { d.Items[1].ProductID = "" }, "items[1].product_id"},
		"no store":          {func(_ *string, d *domain.Draft) { d.Items[1].StoreID = "" }, "items[1].store_id"},
		"nothing of it":     {func(_ *string, d *domain.Draft) { d.Items[0].Quantity = 0 }, "items[0].quantity"},
		"less than nothing": {func(_ *string, d *domain.Draft) { d.Items[0].Quantity = -1 }, "items[0].quantity"},
		"too many":          {func(_ *string, d *domain.Draft) { d.Items[0].Quantity = 10_001 }, "items[0].quantity"},
		"negative price":    {func(_ *string, d *domain.Draft) { d.Items[0].Price = money.Must(mall.Currency, -1) }, "items[0].price"},
	} {
		t.Run(name, func(t *testing.T) {
			id, d := "o1", draft()
			test.breakIt(&id, &d)
			_, err := domain.Create(id, d, monday)
			refusal, ok := fault.As(err)
			require.True(t, ok, "%v", err)
			require.Equal(t, fault.Invalid, refusal.Kind)
			require.Len(t, refusal.Fields, 1)
			require.Equal(t, test.field, refusal.Fields[0].Name)
		})
	}
}

func TestATotalIsInTheCurrencyOfTheMallAndCanBeCounted(t *testing.T) {
	for reason, price := range map[string]money.Money{
		money.CurrencyMismatchReason: money.Must("EUR", 100),
		money.OverflowReason:         money.Must(mall.Currency, math.MaxInt64/2),
	} {
		d := draft()
		d.Items[0].Price = price
		_, err := domain.Create("o1", d, monday)
		require.ErrorIs(t, err, &fault.Error{Reason: reason})
	}
	d := draft()
	d.Items[0].Price, d.Items[0].Quantity = money.Must(mall.Currency, math.MaxInt64), 1
	_, err := domain.Create("o1", d, monday)
	require.ErrorIs(t, err, &fault.Error{Reason: money.OverflowReason}, "the lines can be counted, their sum can't")
}

func TestAnOrderMayCostNothing(t *testing.T) {
	d := draft()
	d.Items = d.Items[:1]
	d.Items[0].Price = money.Zero(mall.Currency)
	o, err := domain.Create("o1", d, monday)
	require.NoError(t, err)
	require.Equal(t, money.Zero(mall.Currency), o.State().Total)
}

func TestOfTwoThingsThatOneMessageBringsEachIsToldWithTheOrderRightAfterIt(t *testing.T) {
	o := pending(t)
	require.NoError(t, o.Approve("list", monday))
	require.NoError(t, o.MakeReady("list", tuesday))
	happened := o.Happened()
	require.Len(t, happened, 4)
	for i, want := range []domain.Status{domain.Pending, domain.Approved, domain.InProgress, domain.Ready} {
		require.Equal(t, want, happened[i].Order.Status)
		require.EqualValues(t, i+1, happened[i].Order.Version)
		require.Equal(t, monday, happened[i].Order.CreatedAt)
	}
	require.Equal(t, monday, happened[1].Order.UpdatedAt)
	require.Equal(t, tuesday, happened[2].Order.UpdatedAt)
}

func TestWhatIsFinal(t *testing.T) {
	for status, final := range map[domain.Status]bool{
		domain.Pending: false, domain.Approved: false, domain.InProgress: false, domain.Ready: false, domain.Canceling: false,
		domain.Completed: true, domain.Rejected: true, domain.Canceled: true,
	} {
		require.Equal(t, final, status.Final(), status)
	}
}

func TestASnapshotThatCannotBeReadIsAnError(t *testing.T) {
	require.Error(t, (&domain.Order{}).Restore(func(into any) error { return json.Unmarshal([]byte(`[]`), into) }))
}
