package domain_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/aggregate"
	"mallbots.example/pkg/es"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/money"
	"mallbots.example/services/stores/internal/domain"
)

func usd(cents int64) money.Money { return money.Must("USD", cents) }

var wizard = domain.NewProduct{
	StoreID: "waldorf", Name: "Wizard w/ crystal", Description: "Looks into the future", SKU: "W-1", Price: usd(998),
}

// crystal gives the product wizard.
func crystal(t *testing.T, removed bool) *domain.Product {
	t.Helper()
	p, err := domain.AddProduct("crystal", wizard, monday)
	require.NoError(t, err)
	if removed {
		require.NoError(t, p.Remove(monday))
	}
	return p
}

func TestANewProductIsSold(t *testing.T) {
	p := crystal(t, false)
	require.Equal(t, domain.ProductView{
		Meta: aggregate.Meta{ID: "crystal", Version: 1, CreatedAt: monday, UpdatedAt: monday},
		ProductState: domain.ProductState{
			StoreID: "waldorf", Name: "Wizard w/ crystal", Description: "Looks into the future", SKU: "W-1", Price: usd(998),
		},
	}, p.View())
	require.NoError(t, p.View().CheckSold())
	require.Equal(t, []es.Event{domain.ProductAdded(wizard)}, raised(p.Changes(), 0))
}

func TestAProductMayCostNothingAndSayLittle(t *testing.T) {
	p, err := domain.AddProduct("bag", domain.NewProduct{StoreID: "waldorf", Name: "Paper bag", Price: usd(0)}, monday)
	require.NoError(t, err)
	require.True(t, p.View().Price.IsZero())
}

func TestAProductNeedsANameAndAPrice(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*domain.NewProduct)
		field  string
		reason string
	}{
		"no name":         {func(p *domain.NewProduct) { p.Name = "" }, "name", fault.InvalidFieldReason},
		"blank name":      {func(p *domain.NewProduct) { p.Name = " " }, "name", fault.InvalidFieldReason},
		"negative price":  {func(p *domain.NewProduct) { p.Price = usd(-1) }, "price.minor_units", fault.InvalidFieldReason},
		"no price":        {func(p *domain.NewProduct) { p.Price = money.Money{} }, "", money.CurrencyMismatchReason},
		"foreign price":   {func(p *domain.NewProduct) { p.Price = money.Must("EUR", 998) }, "", money.CurrencyMismatchReason},
		"negative euros":  {func(p *domain.NewProduct) { p.Price = money.Must("EUR", -1) }, "price.minor_units", fault.InvalidFieldReason},
		"neither of them": {func(p *domain.NewProduct) { *p = domain.NewProduct{} }, "name", fault.InvalidFieldReason},
	} {
		t.Run(name, func(t *testing.T) {
			what := wizard
			test.change(&what)
			p, err := domain.AddProduct("crystal", what, monday)
			require.Nil(t, p)
			refusal, ok := fault.As(err)
			require.True(t, ok, "%v", err)
			require.Equal(t, test.reason, refusal.Reason)
			if test.field != "" {
				requireField(t, err, test.field)
			}
		})
	}
}

// Each state × each command: allowed, or refused with which reason.
func TestWhatMayBeDoneToAProduct(t *testing.T) {
	rebrand := func(p *domain.Product) error { return p.Rebrand("Witch", "Flies", tuesday) }
	increase := func(cents int64) func(*domain.Product) error {
		return func(p *domain.Product) error { return p.IncreasePrice(usd(cents), tuesday) }
	}
	decrease := func(cents int64) func(*domain.Product) error {
		return func(p *domain.Product) error { return p.DecreasePrice(usd(cents), tuesday) }
	}
	remove := func(p *domain.Product) error { return p.Remove(tuesday) }
	for name, test := range map[string]struct {
		removed bool
		do      func(*domain.Product) error
		err     error
		event   es.Event
	}{
		"a product can be rebranded":             {false, rebrand, nil, domain.ProductRebranded{Name: "Witch", Description: "Flies"}},
		"a product can cost more":                {false, increase(999), nil, domain.ProductPriceIncreased{Price: usd(999)}},
		"an increase to the price is none":       {false, increase(998), nil, nil},
		"an increase below the price is refused": {false, increase(997), domain.ErrNotAnIncrease, nil},
		"a product can cost less":                {false, decrease(997), nil, domain.ProductPriceDecreased{Price: usd(997)}},
		"a product can come to cost nothing":     {false, decrease(0), nil, domain.ProductPriceDecreased{Price: usd(0)}},
		"a decrease to the price is none":        {false, decrease(998), nil, nil},
		"a decrease above the price is refused":  {false, decrease(999), domain.ErrNotADecrease, nil},
		"a product can be removed":               {false, remove, nil, domain.ProductRemoved{}},
		"a removed product is not rebranded":     {true, rebrand, domain.ErrRemoved, nil},
		"a removed product costs no more":        {true, increase(999), domain.ErrRemoved, nil},
		"a removed product costs no less":        {true, decrease(997), domain.ErrRemoved, nil},
		"even the price it had is refused":       {true, increase(998), domain.ErrRemoved, nil},
		"removal comes before the price":         {true, increase(1), domain.ErrRemoved, nil},
		"a removed product is not removed again": {true, remove, domain.ErrRemoved, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p := crystal(t, test.removed)
			before := p.View()
			require.ErrorIs(t, test.do(p), test.err)
			if test.event == nil {
				require.Equal(t, before, p.View(), "nothing changes")
				return
			}
			require.Equal(t, []es.Event{test.event}, raised(p.Changes(), before.Version))
			require.Equal(t, tuesday, p.View().UpdatedAt)
		})
	}
}

func TestAProductBecomesWhatWasSaidOfIt(t *testing.T) {
	p := crystal(t, false)
	require.NoError(t, p.Rebrand("Witch", "", tuesday))
	require.NoError(t, p.IncreasePrice(usd(1200), tuesday))
	require.Equal(t, usd(1200), p.View().Price)
	require.NoError(t, p.DecreasePrice(usd(1100), tuesday))
	require.NoError(t, p.Remove(tuesday))
	require.Equal(t, domain.ProductState{StoreID: "waldorf", Name: "Witch", SKU: "W-1", Price: usd(1100), Removed: true}, p.View().ProductState)
	require.EqualValues(t, 5, p.View().Version)
	require.ErrorIs(t, p.View().CheckSold(), domain.ErrRemoved)
}

func TestANewDescriptionAloneIsAChange(t *testing.T) {
	p := crystal(t, false)
	require.NoError(t, p.Rebrand(wizard.Name, wizard.Description, tuesday))
	require.EqualValues(t, 1, p.View().Version, "what it has already changes nothing")
	require.NoError(t, p.Rebrand(wizard.Name, "Looks into the past", tuesday))
	require.EqualValues(t, 2, p.View().Version)
}

func TestABrokenChangeOfAProductChangesNothing(t *testing.T) {
	p := crystal(t, false)
	requireField(t, p.Rebrand("", "Flies", tuesday), "name")
	requireField(t, p.DecreasePrice(usd(-1), tuesday), "price.minor_units")
	for _, price := range []money.Money{money.Must("EUR", 998), {}} {
		for _, change := range []error{p.IncreasePrice(price, tuesday), p.DecreasePrice(price, tuesday)} {
			refusal, ok := fault.As(change)
			require.True(t, ok)
			require.Equal(t, money.CurrencyMismatchReason, refusal.Reason)
		}
	}
	require.EqualValues(t, 1, p.View().Version)
}

func TestASnapshotOfAProductHoldsAllOfIt(t *testing.T) {
	p := crystal(t, true)
	stored, err := json.Marshal(p.Snapshot())
	require.NoError(t, err)
	require.JSONEq(t, `{
		"store_id": "waldorf", "name": "Wizard w/ crystal", "description": "Looks into the future", "sku": "W-1",
		"price": {"currency": "USD", "minor_units": 998}, "removed": true
	}`, string(stored))
	restored := &domain.Product{}
	require.NoError(t, restored.Restore(func(into any) error { return json.Unmarshal(stored, into) }))
	require.Equal(t, p.View().ProductState, restored.View().ProductState)
}
