package domain_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/es"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/money"
	"mallbots.example/services/baskets/internal/domain"
)

var (
	monday  = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	tuesday = monday.Add(24 * time.Hour)
)

func usd(minorUnits int64) money.Money { return money.Must("USD", minorUnits) }

// offered is what the mall offers on monday.
func offered() domain.Offers {
	return domain.Offers{
		"kettle": {ProductID: "kettle", ProductName: "Kettle", StoreID: "tea", StoreName: "Tea & Co", Price: usd(2500), Participating: true},
		"novel":  {ProductID: "novel", ProductName: "Novel", StoreID: "books", StoreName: "Books", Price: usd(1000), Participating: true},
	}
}

// enough is a payment that covers any basket of ada's.
func enough() domain.Payment {
	return domain.Payment{ID: "payment", CustomerID: "ada", Amount: usd(1_000_000), Authorized: true}
}

// life is a basket of ada's to which these events have happened since it was started.
func life(events ...es.Event) *domain.Basket {
	b := &domain.Basket{Root: es.NewRoot("basket")}
	es.Raise(b, domain.BasketStarted{CustomerID: "ada"}, monday)
	for _, event := range events {
		es.Raise(b, event, monday)
	}
	return b
}

var (
	twoKettles  = domain.ItemAdded{ProductID: "kettle", StoreID: "tea", Quantity: 2}
	oneNovel    = domain.ItemAdded{ProductID: "novel", StoreID: "books", Quantity: 1}
	frozenItems = []domain.Item{{
		ProductID: "kettle", StoreID: "tea", ProductName: "Kettle", StoreName: "Tea & Co", Price: usd(2500), Quantity: 2,
	}}
	checkedOut = domain.BasketCheckedOut{PaymentID: "payment", Items: frozenItems, Total: usd(5000)}
	canceled   = domain.BasketCanceled{Items: frozenItems}
)

// raised gives what do made happen to b.
func raised(t *testing.T, b *domain.Basket, do func(*domain.Basket) error) (events []es.Event, err error) {
	t.Helper()
	before := len(b.Changes())
	err = do(b)
	for _, change := range b.Changes()[before:] {
		require.Equal(t, tuesday, change.At)
		events = append(events, change.Event)
	}
	return events, err
}

func requireField(t *testing.T, err error, field string) {
	t.Helper()
	refusal, ok := fault.As(err)
	require.True(t, ok, "%v", err)
	require.Equal(t, fault.Invalid, refusal.Kind)
	require.Equal(t, field, refusal.Fields[0].Name)
}

func TestANewBasketIsOpenAndEmpty(t *testing.T) {
	b, err := domain.Start("basket", "ada", monday)
	require.NoError(t, err)
	require.Equal(t, domain.State{CustomerID: "ada", Status: domain.Open}, b.State())
	require.Equal(t, "basket", b.ID())
	require.EqualValues(t, 1, b.Version())
	quote, err := b.Quote(nil)
	require.NoError(t, err)
	require.Empty(t, quote.Items)
	require.Equal(t, money.Money{}, quote.Total, "nothing has no currency")
}

func TestABasketBelongsToACustomer(t *testing.T) {
	for _, nobody := range []string{"", " "} {
		_, err := domain.Start("basket", nobody, monday)
		requireField(t, err, "customer_id")
	}
}

// Each state × each command: allowed, or refused with which reason.
func TestWhatABasketAllows(t *testing.T) {
	add := func(product string, quantity int32) func(*domain.Basket) error {
		return func(b *domain.Basket) error { return b.AddItem(offered()[product], quantity, tuesday) }
	}
	remove := func(product string, quantity int32) func(*domain.Basket) error {
		return func(b *domain.Basket) error { return b.RemoveItem(product, quantity, tuesday) }
	}
	checkOut := func(b *domain.Basket) error { return b.CheckOut(enough(), offered(), tuesday) }
	cancel := func(b *domain.Basket) error { return b.Cancel(offered(), tuesday) }
	removed := func(quantity int32) []es.Event {
		return []es.Event{domain.ItemRemoved{ProductID: "kettle", Quantity: quantity}}
	}

	for name, test := range map[string]struct {
		basket *domain.Basket
		do     func(*domain.Basket) error
		err    error
		events []es.Event
	}{
		"an empty basket takes an item":                 {life(), add("kettle", 2), nil, []es.Event{twoKettles}},
		"an empty basket has nothing to remove":         {life(), remove("kettle", 1), domain.ItemNotFound("kettle"), nil},
		"an empty basket cannot be checked out":         {life(), checkOut, domain.ErrEmpty, nil},
		"an empty basket can be canceled":               {life(), cancel, nil, []es.Event{domain.BasketCanceled{Items: []domain.Item{}}}},
		"an open basket takes more of an item":          {life(twoKettles), add("kettle", 2), nil, []es.Event{twoKettles}},
		"an open basket takes another item":             {life(twoKettles), add("novel", 1), nil, []es.Event{oneNovel}},
		"an open basket gives pieces back":              {life(twoKettles), remove("kettle", 1), nil, removed(1)},
		"an open basket gives all pieces back":          {life(twoKettles), remove("kettle", 2), nil, removed(2)},
		"an open basket gives back what it has":         {life(twoKettles), remove("kettle", 9), nil, removed(2)},
		"an open basket has only what was put in":       {life(twoKettles), remove("novel", 1), domain.ItemNotFound("novel"), nil},
		"an open basket can be checked out":             {life(twoKettles), checkOut, nil, []es.Event{checkedOut}},
		"an open basket can be canceled":                {life(twoKettles), cancel, nil, []es.Event{canceled}},
		"a checked out basket takes no item":            {life(twoKettles, checkedOut), add("kettle", 1), domain.ErrNotOpen, nil},
		"a checked out basket gives nothing back":       {life(twoKettles, checkedOut), remove("kettle", 1), domain.ErrNotOpen, nil},
		"a checked out basket lacks what it never had":  {life(twoKettles, checkedOut), remove("novel", 1), domain.ItemNotFound("novel"), nil},
		"a checked out basket is not checked out again": {life(twoKettles, checkedOut), checkOut, domain.ErrNotOpen, nil},
		"a checked out basket cannot be canceled":       {life(twoKettles, checkedOut), cancel, domain.ErrNotOpen, nil},
		"a canceled basket takes no item":               {life(twoKettles, canceled), add("kettle", 1), domain.ErrNotOpen, nil},
		"a canceled basket gives nothing back":          {life(twoKettles, canceled), remove("kettle", 1), domain.ErrNotOpen, nil},
		"a canceled basket cannot be checked out":       {life(twoKettles, canceled), checkOut, domain.ErrNotOpen, nil},
		"a canceled basket is not canceled again":       {life(twoKettles, canceled), cancel, domain.ErrNotOpen, nil},
	} {
		t.Run(name, func(t *testing.T) {
			before := test.basket.State()
			events, err := raised(t, test.basket, test.do)
			require.ErrorIs(t, err, test.err)
			require.Equal(t, test.events, events)
			if test.err != nil {
				require.Equal(t, before, test.basket.State(), "refused: nothing changes")
			}
		})
	}
}

func TestItemsComeAndGo(t *testing.T) {
	b := life()
	lines := func(want ...domain.Line) {
		t.Helper()
		require.ElementsMatch(t, want, b.State().Lines)
	}
	require.NoError(t, b.AddItem(offered()["kettle"], 2, tuesday))
	require.NoError(t, b.AddItem(offered()["novel"], 1, tuesday))
	require.NoError(t, b.AddItem(offered()["kettle"], 3, tuesday))
	require.Equal(t, []domain.Line{{"kettle", "tea", 5}, {"novel", "books", 1}}, b.State().Lines, "in the order in which they came")
	require.NoError(t, b.RemoveItem("kettle", 4, tuesday))
	lines(domain.Line{"kettle", "tea", 1}, domain.Line{"novel", "books", 1}) // one is left: the line stays
	require.NoError(t, b.RemoveItem("kettle", 1, tuesday))
	lines(domain.Line{"novel", "books", 1})
	require.NoError(t, b.AddItem(offered()["kettle"], 1, tuesday))
	require.Equal(t, []string{"novel", "kettle"}, b.ProductIDs(), "added anew, it comes last")
	require.NoError(t, b.RemoveItem("novel", 100, tuesday))
	require.NoError(t, b.RemoveItem("kettle", 100, tuesday))
	lines()
}

func TestAQuantityIsOneAtLeast(t *testing.T) {
	for _, quantity := range []int32{0, -1, -1 << 31} {
		b := life(twoKettles)
		requireField(t, b.AddItem(offered()["kettle"], quantity, tuesday), "quantity")
		requireField(t, b.RemoveItem("kettle", quantity, tuesday), "quantity")
		require.Equal(t, int32(2), b.State().Lines[0].Quantity)
	}
}

func TestOnlyWhatIsSoldIsPutIntoABasket(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*domain.Offer)
		err    error
	}{
		"a removed product":                   {func(o *domain.Offer) { o.Removed = true }, domain.ErrProductRemoved},
		"a product of a store that left":      {func(o *domain.Offer) { o.Participating = false }, domain.ErrStoreNotParticipating},
		"a removed product of such a store":   {func(o *domain.Offer) { o.Removed, o.Participating = true, false }, domain.ErrProductRemoved},
		"nothing at all, which is no product": {func(o *domain.Offer) { *o = domain.Offer{} }, fault.BadField("product_id", "")},
	} {
		t.Run(name, func(t *testing.T) {
			offer := offered()["kettle"]
			test.change(&offer)
			b := life(twoKettles)
			require.ErrorIs(t, b.AddItem(offer, 1, tuesday), test.err)
			require.Equal(t, int32(2), b.State().Lines[0].Quantity)
			require.ErrorIs(t, life(twoKettles, checkedOut).AddItem(offered()["kettle"], 1, tuesday), domain.ErrNotOpen, "which comes first")
		})
	}
}

func TestABasketHoldsAHundredProducts(t *testing.T) {
	b := life()
	offer := offered()["kettle"]
	for i := range domain.MaxLines {
		offer.ProductID = fmt.Sprint("product ", i)
		require.NoError(t, b.AddItem(offer, 1, tuesday))
	}
	require.ErrorIs(t, b.AddItem(offered()["novel"], 1, tuesday), domain.ErrFull)
	require.NoError(t, b.AddItem(offer, 1, tuesday), "more of what is there")
	require.Len(t, b.State().Lines, domain.MaxLines)
}

func TestALineHoldsTenThousandPieces(t *testing.T) {
	kettles := offered()["kettle"]
	b := life()
	require.NoError(t, b.AddItem(kettles, domain.MaxQuantity-1, tuesday))
	require.ErrorIs(t, b.AddItem(kettles, 2, tuesday), domain.ErrFull)
	require.ErrorIs(t, b.AddItem(kettles, 1<<31-1, tuesday), domain.ErrFull, "nor does the sum overflow")
	require.NoError(t, b.AddItem(kettles, 1, tuesday))
	require.ErrorIs(t, b.AddItem(kettles, 1, tuesday), domain.ErrFull)
	require.ErrorIs(t, life().AddItem(kettles, domain.MaxQuantity+1, tuesday), domain.ErrFull)
	require.Equal(t, int32(domain.MaxQuantity), b.State().Lines[0].Quantity)
}

func TestTheFullestBasketAtTheHighestPriceCanBeCounted(t *testing.T) {
	b, offers := life(), domain.Offers{}
	for i := range domain.MaxLines {
		offer := domain.Offer{ProductID: fmt.Sprint("product ", i), Price: usd(1_000_000_000_000), Participating: true}
		offers[offer.ProductID] = offer
		require.NoError(t, b.AddItem(offer, domain.MaxQuantity, tuesday))
	}
	quote, err := b.Quote(offers)
	require.NoError(t, err)
	require.Equal(t, usd(1_000_000_000_000*domain.MaxQuantity*domain.MaxLines), quote.Total)
}

func TestASnapshotHoldsAllOfABasket(t *testing.T) {
	for name, b := range map[string]*domain.Basket{
		"empty": life(), "open": life(twoKettles, oneNovel), "checked out": life(twoKettles, checkedOut), "canceled": life(twoKettles, canceled),
	} {
		t.Run(name, func(t *testing.T) {
			data, err := json.Marshal(b.Snapshot())
			require.NoError(t, err)
			var restored domain.Basket
			require.NoError(t, restored.Restore(func(into any) error { return json.Unmarshal(data, into) }))
			require.Equal(t, b.State(), restored.State())
		})
	}
}
