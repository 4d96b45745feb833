package baskets_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/rpc"
	"mallbots.example/pkg/service/servicetest"
)

func TestANewBasketIsOpenAndEmpty(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.start(0)
		require.Equal(t, w.ada, b.GetCustomerId())
		require.Equal(t, basketsv1.BasketStatus_BASKET_STATUS_OPEN, b.GetStatus())
		require.EqualValues(t, 1, b.GetVersion())
		require.Equal(t, servicetest.Now, b.GetCreateTime().AsTime())
		require.Empty(t, b.GetItems())
		require.Nil(t, b.GetTotal())
		requireSame(t, b, w.get(b.GetId()))
		require.Empty(t, w.Sent(), "an open basket concerns nobody else")
		require.Empty(t, w.mall.questions())
	})
}

func TestItemsComeAndGoAtThePriceOfTheDay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.start(2)
		requireHolds(t, b, 5000, w.item(2500, 2))
		w.Clock.Advance(time.Minute)
		b = w.add(b.GetId(), w.kettle, 3)
		requireHolds(t, b, 12500, w.item(2500, 5))
		require.Equal(t, servicetest.Now.Add(time.Minute), b.GetUpdateTime().AsTime())
		require.Equal(t, servicetest.Now, b.GetCreateTime().AsTime())
		require.EqualValues(t, 3, b.GetVersion())

		b, err := w.tryRemove(b.GetId(), w.kettle, 4)
		require.NoError(t, err)
		requireHolds(t, b, 2500, w.item(2500, 1))
		requireSame(t, b, w.get(b.GetId()))
		b, err = w.tryRemove(b.GetId(), w.kettle, 1)
		require.NoError(t, err)
		require.Empty(t, b.GetItems())
		require.Nil(t, b.GetTotal())
		requireSame(t, b, w.get(b.GetId()))
		require.Empty(t, w.mall.questions(), "events have brought all that is needed")
		require.Empty(t, w.Sent())
	})
}

func TestLinesStandInTheOrderInWhichProductsCame(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		books := w.store("Books")
		novel := w.product(books, "Novel", 1000)
		pot := w.product(w.tea, "Pot", 500)
		w.tell(pot, novel, books)
		b := w.start(1)
		w.add(b.GetId(), novel, 1)
		w.add(b.GetId(), pot, 1)
		b = w.add(b.GetId(), w.kettle, 1)
		requireHolds(t, b, 6500, w.item(2500, 2),
			&basketsv1.BasketItem{ProductId: novel, StoreId: books, ProductName: "Novel", StoreName: "Books", Price: usd(1000), Quantity: 1},
			&basketsv1.BasketItem{ProductId: pot, StoreId: w.tea, ProductName: "Pot", StoreName: "Tea & Co", Price: usd(500), Quantity: 1})
	})
}

func TestAnOpenBasketFollowsNamesAndPrices(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		before := w.start(2)
		w.changeProduct(w.kettle, func(p *storesv1.Product) { p.Name, p.Price = "Electric kettle", usd(3000) })
		w.changeStore(w.tea, func(s *storesv1.Store) { s.Name = "Tea & Sons" })
		w.tell(w.kettle, w.tea)
		now := w.item(3000, 2)
		now.ProductName, now.StoreName = "Electric kettle", "Tea & Sons"

		b := w.get(before.GetId())
		requireHolds(t, b, 6000, now)
		require.Equal(t, before.GetVersion(), b.GetVersion(), "the basket itself has not changed")
		now.Quantity = 3
		requireHolds(t, w.add(b.GetId(), w.kettle, 1), 9000, now)
		now.Quantity = 1
		b, err := w.tryRemove(b.GetId(), w.kettle, 2)
		require.NoError(t, err)
		requireHolds(t, b, 3000, now)
	})
}

func TestAProductThatNoEventHasBroughtIsAskedForOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		books := w.store("Books")
		novel := w.product(books, "Novel", 1000)
		b := w.start(1)
		b = w.add(b.GetId(), novel, 1)
		require.Equal(t, []string{novel, books}, w.mall.questions())
		requireSame(t, usd(3500), b.GetTotal())
		requireSame(t, b, w.get(b.GetId()))
		w.add(b.GetId(), novel, 1)
		require.Empty(t, w.mall.questions(), "the answers were kept")
	})
}

func TestOnlyWhatIsSoldIsPutIntoABasket(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.start(1)
		_, err := w.tryAdd(b.GetId(), id.UUIDv7(), 1)
		servicetest.RequireReason(t, err, fault.NotFound, "PRODUCT_NOT_FOUND")

		w.changeStore(w.tea, func(s *storesv1.Store) { s.Participating = false })
		w.tell(w.tea)
		_, err = w.tryAdd(b.GetId(), w.kettle, 1)
		servicetest.RequireReason(t, err, fault.Refused, "STORE_NOT_PARTICIPATING")

		w.changeProduct(w.kettle, func(p *storesv1.Product) { p.Removed = true })
		w.tell(w.kettle)
		_, err = w.tryAdd(b.GetId(), w.kettle, 1)
		servicetest.RequireReason(t, err, fault.Refused, "PRODUCT_REMOVED")

		b.Items[0].UnavailableReason = "PRODUCT_REMOVED" // of what lies in it already
		requireSame(t, b, w.get(b.GetId()))
	})
}

func TestAStoreThatJustJoinedIsNotRefusedBecauseItsEventIsOnItsWay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.changeStore(w.tea, func(s *storesv1.Store) { s.Participating = false })
		w.tell(w.tea)
		w.changeStore(w.tea, func(s *storesv1.Store) { s.Participating = true }) // and baskets is not told
		b := w.start(2)
		requireHolds(t, b, 5000, w.item(2500, 2))
		require.Equal(t, []string{w.tea}, w.mall.questions())
		w.add(b.GetId(), w.kettle, 1)
		require.Empty(t, w.mall.questions(), "the answer was kept")
	})
}

func TestABasketHasLimits(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.start(10_000)
		_, err := w.tryAdd(b.GetId(), w.kettle, 1)
		servicetest.RequireReason(t, err, fault.Refused, "BASKET_FULL")
		requireSame(t, b, w.get(b.GetId()))
	})
}

func TestBadInputIsNamed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, some := t.Context(), w.start(1).GetId()
		for name, test := range map[string]struct {
			call  func() error
			field string
		}{
			"no customer": {func() error {
				_, err := w.c.StartBasket(ctx, &basketsv1.StartBasketRequest{})
				return err
			}, "customer_id"},
			"no basket": {func() error {
				_, err := w.c.GetBasket(ctx, &basketsv1.GetBasketRequest{})
				return err
			}, "id"},
			"no pieces to add": {func() error {
				_, err := w.tryAdd(some, w.kettle, 0)
				return err
			}, "quantity"},
			"too many pieces to add": {func() error {
				_, err := w.tryAdd(some, w.kettle, 10_001)
				return err
			}, "quantity"},
			"fewer than no pieces to remove": {func() error {
				_, err := w.tryRemove(some, w.kettle, -1)
				return err
			}, "quantity"},
			"no payment": {func() error {
				_, err := w.checkOut(some, "")
				return err
			}, "payment_id"},
			"no basket to cancel": {func() error {
				_, err := w.cancel("x")
				return err
			}, "id"},
		} {
			t.Run(name, func(t *testing.T) {
				err := test.call()
				servicetest.RequireReason(t, err, fault.Invalid, "INVALID_FIELD")
				refusal, _ := fault.As(rpc.FromStatus(err))
				require.Equal(t, test.field, refusal.Fields[0].Name)
			})
		}
	})
}

// Where several reasons hold, a NOT_FOUND comes first, and each in the order of the contract.
func TestWhatIsNotFoundIsToldFirst(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, nothing := t.Context(), id.UUIDv7()
		_, err := w.c.GetBasket(ctx, &basketsv1.GetBasketRequest{Id: nothing})
		servicetest.RequireReason(t, err, fault.NotFound, "BASKET_NOT_FOUND")
		_, err = w.tryAdd(nothing, nothing, 1)
		servicetest.RequireReason(t, err, fault.NotFound, "BASKET_NOT_FOUND")
		_, err = w.tryRemove(nothing, nothing, 1)
		servicetest.RequireReason(t, err, fault.NotFound, "BASKET_NOT_FOUND")
		_, err = w.checkOut(nothing, nothing)
		servicetest.RequireReason(t, err, fault.NotFound, "BASKET_NOT_FOUND")
		_, err = w.cancel(nothing)
		servicetest.RequireReason(t, err, fault.NotFound, "BASKET_NOT_FOUND")

		b := w.start(1)
		_, err = w.cancel(b.GetId())
		require.NoError(t, err)
		_, err = w.tryAdd(b.GetId(), nothing, 1)
		servicetest.RequireReason(t, err, fault.NotFound, "PRODUCT_NOT_FOUND")
		_, err = w.tryRemove(b.GetId(), nothing, 1)
		servicetest.RequireReason(t, err, fault.NotFound, "ITEM_NOT_FOUND")
		_, err = w.checkOut(b.GetId(), nothing)
		servicetest.RequireReason(t, err, fault.NotFound, "PAYMENT_NOT_FOUND")
	})
}

func TestAPeerThatIsBrokenIsNoRefusal(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.start(1)
		payment, novel := w.payment(2500), w.product(w.tea, "Novel", 1000)
		w.mall.mu.Lock()
		w.mall.away = true
		w.mall.mu.Unlock()
		_, err := w.tryAdd(b.GetId(), novel, 1)
		require.Equal(t, codes.Internal, status.Code(err), "%v", err)
		_, err = w.checkOut(b.GetId(), payment)
		require.Equal(t, codes.Internal, status.Code(err), "%v", err)
		requireSame(t, b, w.get(b.GetId()))
		require.Empty(t, w.Sent())
	})
}

func TestItemsAddedAtTheSameTimeAddUp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const writers = 4 // of one basket: fewer than the attempts of a unit of work
		b := w.start(0)
		var adding sync.WaitGroup
		for range writers {
			adding.Go(func() {
				_, err := w.tryAdd(b.GetId(), w.kettle, 1)
				if err != nil {
					t.Errorf("adding: %v", err)
				}
			})
		}
		adding.Wait()
		requireHolds(t, w.get(b.GetId()), 2500*writers, w.item(2500, writers))
	})
}

func TestABasketWithALongLifeIsTheSameFromItsSnapshot(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.start(1)
		const changes = 120 // more than two snapshots apart
		for i := range changes {
			want := int32(1)
			if i%2 == 0 {
				b, want = w.add(b.GetId(), w.kettle, 1), 2
			} else {
				var err error
				b, err = w.tryRemove(b.GetId(), w.kettle, 1)
				require.NoError(t, err)
			}
			requireHolds(t, b, 2500*int64(want), w.item(2500, want))
		}
		require.EqualValues(t, changes+2, b.GetVersion())
		requireSame(t, b, w.get(b.GetId()))
	})
}
