package domain_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/money"
	"mallbots.example/services/baskets/internal/domain"
)

func TestAnOpenBasketCostsWhatItsProductsCostToday(t *testing.T) {
	b, offers := life(twoKettles, oneNovel), offered()
	quote, err := b.Quote(offers)
	require.NoError(t, err)
	require.Equal(t, usd(2*2500+1000), quote.Total)

	kettle := offers["kettle"]
	kettle.ProductName, kettle.StoreName, kettle.Price = "Electric kettle", "Tea & Sons", usd(3000)
	offers["kettle"] = kettle
	quote, err = b.Quote(offers)
	require.NoError(t, err)
	require.Equal(t, domain.Quote{Items: []domain.Item{
		{ProductID: "kettle", StoreID: "tea", ProductName: "Electric kettle", StoreName: "Tea & Sons", Price: usd(3000), Quantity: 2},
		{ProductID: "novel", StoreID: "books", ProductName: "Novel", StoreName: "Books", Price: usd(1000), Quantity: 1},
	}, Total: usd(2*3000 + 1000)}, quote)
}

func TestPricesAreFrozenWhenABasketIsNoLongerOpen(t *testing.T) {
	for name, end := range map[string]func(*domain.Basket) error{
		"by checkout": func(b *domain.Basket) error { return b.CheckOut(enough(), offered(), tuesday) },
		"by cancel":   func(b *domain.Basket) error { return b.Cancel(offered(), tuesday) },
	} {
		t.Run(name, func(t *testing.T) {
			b := life(twoKettles)
			require.NoError(t, end(b))
			dearer := offered()
			dearer["kettle"] = domain.Offer{ProductID: "kettle", ProductName: "Kettle II", Price: usd(9900)}
			for _, offers := range []domain.Offers{dearer, nil} {
				quote, err := b.Quote(offers)
				require.NoError(t, err)
				require.Equal(t, domain.Quote{Items: frozenItems, Total: usd(5000)}, quote)
			}
			require.Empty(t, b.ProductIDs(), "no offers are needed")
		})
	}
}

func TestACheckedOutBasketKnowsItsPayment(t *testing.T) {
	b := life(twoKettles)
	require.NoError(t, b.CheckOut(enough(), offered(), tuesday))
	require.Equal(t, "payment", b.State().PaymentID)
	require.Equal(t, domain.CheckedOut, b.State().Status)
}

// In the order of the contract: the first that holds is told.
func TestAPaymentMustCoverTheBasket(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*domain.Payment)
		reason string // empty: it covers the basket
	}{
		"exactly enough":                   {func(p *domain.Payment) { p.Amount = usd(5000) }, ""},
		"more than enough":                 {func(p *domain.Payment) { p.Amount = usd(5001) }, ""},
		"a cent short":                     {func(p *domain.Payment) { p.Amount = usd(4999) }, "PAYMENT_TOO_SMALL"},
		"of another currency":              {func(p *domain.Payment) { p.Amount = money.Must("EUR", 9999) }, "CURRENCY_MISMATCH"},
		"too small and of another":         {func(p *domain.Payment) { p.Amount = money.Must("EUR", 1) }, "CURRENCY_MISMATCH"},
		"without an amount":                {func(p *domain.Payment) { p.Amount = money.Money{} }, "CURRENCY_MISMATCH"},
		"voided":                           {func(p *domain.Payment) { p.Authorized, p.Voided = false, true }, "PAYMENT_NOT_AUTHORIZED"},
		"voided and too small":             {func(p *domain.Payment) { p.Authorized, p.Voided, p.Amount = false, true, usd(1) }, "PAYMENT_NOT_AUTHORIZED"},
		"given back by another order":      {func(p *domain.Payment) { p.Authorized, p.Voided, p.OrderID = false, true, "other" }, "PAYMENT_NOT_AUTHORIZED"},
		"of a status that is none":         {func(p *domain.Payment) { p.Authorized = false }, "PAYMENT_NOT_AUTHORIZED"},
		"bound to another order":           {func(p *domain.Payment) { p.Authorized, p.OrderID = false, "other" }, "PAYMENT_IN_USE"},
		"of another customer":              {func(p *domain.Payment) { p.CustomerID = "bob" }, "PAYMENT_OF_OTHER_CUSTOMER"},
		"of another customer, and bound":   {func(p *domain.Payment) { p.CustomerID, p.OrderID = "bob", "other" }, "PAYMENT_OF_OTHER_CUSTOMER"},
		"of nobody":                        {func(p *domain.Payment) { p.CustomerID = "" }, "PAYMENT_OF_OTHER_CUSTOMER"},
		"no payment, which covers nothing": {func(p *domain.Payment) { *p = domain.Payment{} }, "PAYMENT_OF_OTHER_CUSTOMER"},
	} {
		t.Run(name, func(t *testing.T) {
			payment := enough()
			test.change(&payment)
			b := life(twoKettles)
			err := b.CheckOut(payment, offered(), tuesday)
			if test.reason == "" {
				require.NoError(t, err)
				require.Equal(t, domain.CheckedOut, b.State().Status)
				return
			}
			require.ErrorIs(t, err, fault.Refuse(test.reason, ""))
			require.Equal(t, domain.Open, b.State().Status, "refused: nothing changes")
			require.Empty(t, b.State().PaymentID)
			require.ErrorIs(t, life().CheckOut(payment, offered(), tuesday), domain.ErrEmpty, "which comes first")
		})
	}
}

func TestWhatIsFreeNeedsAPaymentOfNothing(t *testing.T) {
	offers := offered()
	kettle := offers["kettle"]
	kettle.Price = usd(0)
	offers["kettle"] = kettle
	payment := enough()
	payment.Amount = usd(0)
	require.NoError(t, life(twoKettles).CheckOut(payment, offers, tuesday))
}

// change gives offers in which one of them is changed.
func change(product string, change func(*domain.Offer)) domain.Offers {
	offers := offered()
	offer := offers[product]
	change(&offer)
	offers[product] = offer
	return offers
}

func TestWhatIsNotToBeHadAnyMoreIsShownAndKeepsABasketFromBeingCheckedOut(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*domain.Offer)
		reason string
	}{
		"removed":              {func(o *domain.Offer) { o.Removed = true }, "PRODUCT_REMOVED"},
		"store left":           {func(o *domain.Offer) { o.Participating = false }, "STORE_NOT_PARTICIPATING"},
		"removed, store left":  {func(o *domain.Offer) { o.Removed, o.Participating = true, false }, "PRODUCT_REMOVED"},
		"removed, other price": {func(o *domain.Offer) { o.Removed, o.Price = true, usd(2500) }, "PRODUCT_REMOVED"},
	} {
		t.Run(name, func(t *testing.T) {
			gone := change("kettle", test.change)
			b := life(twoKettles, oneNovel)
			quote, err := b.Quote(gone)
			require.NoError(t, err)
			require.Equal(t, map[string]string{"kettle": test.reason}, quote.Unavailable)
			require.Equal(t, usd(6000), quote.Total, "what the customer has seen")

			err = b.CheckOut(domain.Payment{}, gone, tuesday)
			require.ErrorIs(t, err, domain.ErrUnavailable, "which comes before the payment")
			require.ErrorContains(t, err, `"Kettle" of "Tea & Co" (`+test.reason+`)`)
			require.NotContains(t, err.Error(), "Novel")
			require.Equal(t, domain.Open, b.State().Status)

			require.NoError(t, b.RemoveItem("kettle", 2, tuesday))
			require.NoError(t, b.CheckOut(enough(), gone, tuesday))
			require.Equal(t, usd(1000), b.State().Total)
		})
	}
}

func TestWhatIsToBeHadAgainIsGoodAgain(t *testing.T) {
	b := life(twoKettles)
	require.ErrorIs(t, b.CheckOut(enough(), change("kettle", func(o *domain.Offer) { o.Participating = false }), tuesday), domain.ErrUnavailable)
	require.NoError(t, b.CheckOut(enough(), offered(), tuesday))
}

func TestACanceledBasketIsOverWhateverIsNotToBeHad(t *testing.T) {
	b := life(twoKettles)
	require.NoError(t, b.Cancel(change("kettle", func(o *domain.Offer) { o.Removed = true }), tuesday))
	quote, err := b.Quote(nil)
	require.NoError(t, err)
	require.Equal(t, domain.Quote{Items: frozenItems, Total: usd(5000)}, quote)
}

func TestARefusalNamesAFewOfManyLines(t *testing.T) {
	b, gone := life(), domain.Offers{}
	for n := range domain.MaxLines {
		id := fmt.Sprintf("no %d", n+1)
		offer := domain.Offer{ProductID: id, ProductName: id, StoreID: "tea", StoreName: "Tea & Co", Price: usd(1), Participating: true}
		require.NoError(t, b.AddItem(offer, 1, tuesday))
		offer.Removed = true
		gone[id] = offer
	}
	err := b.CheckOut(enough(), gone, tuesday)
	require.ErrorIs(t, err, domain.ErrUnavailable)
	require.ErrorContains(t, err, `"no 3" of "Tea & Co" (PRODUCT_REMOVED) and 97 more`)
	require.NotContains(t, err.Error(), `"no 4"`)
}

func TestABasketWithoutOffersIsAMistakeOfTheProgram(t *testing.T) {
	b := life(twoKettles, oneNovel)
	incomplete := offered()
	delete(incomplete, "novel")
	for name, do := range map[string]func() error{
		"quote":     func() error { _, err := b.Quote(incomplete); return err },
		"check out": func() error { return b.CheckOut(enough(), incomplete, tuesday) },
		"cancel":    func() error { return b.Cancel(incomplete, tuesday) },
	} {
		t.Run(name, func(t *testing.T) {
			err := do()
			require.Error(t, err)
			_, isFault := fault.As(err)
			require.False(t, isFault, "%v", err)
			require.Equal(t, domain.Open, b.State().Status)
		})
	}
}

func TestAmountsThatCannotBeComparedOrCountedAreRefused(t *testing.T) {
	b, offers := life(twoKettles, oneNovel), offered()
	novel := offers["novel"]
	novel.Price = money.Must("EUR", 1)
	offers["novel"] = novel
	_, err := b.Quote(offers)
	require.ErrorIs(t, err, fault.Refuse(money.CurrencyMismatchReason, ""))
	novel.Price = usd(1<<63 - 1)
	offers["novel"] = novel
	_, err = b.Quote(offers)
	require.ErrorIs(t, err, fault.Refuse(money.OverflowReason, ""))
	kettle := offers["kettle"]
	kettle.Price = usd(1<<63 - 1)
	offers["kettle"] = kettle
	_, err = b.Quote(offers)
	require.ErrorIs(t, err, fault.Refuse(money.OverflowReason, ""))
}
