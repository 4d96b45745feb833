package baskets_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/rpc"
	"mallbots.example/pkg/service/servicetest"
	"mallbots.example/services/internal/topics"
)

func TestACheckedOutBasketBecomesAnOrderOfTheSameID(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		open := w.start(2)
		payment := w.payment(5000)
		w.Clock.Advance(time.Minute)
		resp, err := w.checkOut(open.GetId(), payment)
		require.NoError(t, err)
		require.Equal(t, open.GetId(), resp.GetOrderId())
		b := resp.GetBasket()
		require.Equal(t, basketsv1.BasketStatus_BASKET_STATUS_CHECKED_OUT, b.GetStatus())
		require.Equal(t, payment, b.GetPaymentId())
		require.Equal(t, w.ada, b.GetCustomerId())
		require.Equal(t, open.GetVersion()+1, b.GetVersion())
		require.Equal(t, servicetest.Now.Add(time.Minute), b.GetUpdateTime().AsTime())
		requireHolds(t, b, 5000, w.item(2500, 2))
		requireSame(t, b, w.get(b.GetId()))

		require.Len(t, w.Sent(), 1)
		require.Equal(t, b.GetId(), w.Sent()[0].Meta.Subject)
		requireSame(t, &basketsv1.BasketCheckedOut{Basket: b}, w.SentTo(topics.BasketsEvents)[0])
	})
}

func TestACanceledBasketIsToldWithWhatWasInIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b, err := w.cancel(w.start(2).GetId())
		require.NoError(t, err)
		require.Equal(t, basketsv1.BasketStatus_BASKET_STATUS_CANCELED, b.GetStatus())
		require.Empty(t, b.GetPaymentId())
		requireHolds(t, b, 5000, w.item(2500, 2))
		requireSame(t, b, w.get(b.GetId()))
		require.Len(t, w.Sent(), 1)
		requireSame(t, &basketsv1.BasketCanceled{Basket: b}, w.SentTo(topics.BasketsEvents)[0])
	})
}

func TestPricesAndNamesAreFrozenAtCheckout(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		resp, err := w.checkOut(w.start(2).GetId(), w.payment(5000))
		require.NoError(t, err)
		w.changeProduct(w.kettle, func(p *storesv1.Product) { p.Name, p.Price = "Electric kettle", usd(9900) })
		w.changeStore(w.tea, func(s *storesv1.Store) { s.Name = "Tea & Sons" })
		w.tell(w.kettle, w.tea)
		requireSame(t, resp.GetBasket(), w.get(resp.GetOrderId()))
	})
}

func TestWhatIsPaidIsThePriceAtCheckout(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.start(2)
		payment := w.payment(5000)
		w.changeProduct(w.kettle, func(p *storesv1.Product) { p.Price = usd(2501) })
		w.tell(w.kettle)
		_, err := w.checkOut(b.GetId(), payment)
		servicetest.RequireReason(t, err, fault.Refused, "PAYMENT_TOO_SMALL")
		w.changeProduct(w.kettle, func(p *storesv1.Product) { p.Price = usd(2400) })
		w.tell(w.kettle)
		resp, err := w.checkOut(b.GetId(), payment)
		require.NoError(t, err)
		requireHolds(t, resp.GetBasket(), 4800, w.item(2400, 2))
	})
}

func TestOnlyAnOpenBasketChanges(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		payment := w.payment(5000)
		done := w.start(2).GetId()
		_, err := w.checkOut(done, payment)
		require.NoError(t, err)
		left := w.start(2).GetId()
		_, err = w.cancel(left)
		require.NoError(t, err)
		for name, basket := range map[string]string{"checked out": done, "canceled": left} {
			before := w.get(basket)
			for what, do := range map[string]func() error{
				"add":       func() error { _, err := w.tryAdd(basket, w.kettle, 1); return err },
				"remove":    func() error { _, err := w.tryRemove(basket, w.kettle, 1); return err },
				"check out": func() error { _, err := w.checkOut(basket, payment); return err },
				"cancel":    func() error { _, err := w.cancel(basket); return err },
			} {
				t.Run(name+": "+what, func(t *testing.T) { servicetest.RequireReason(t, do(), fault.Refused, "BASKET_NOT_OPEN") })
			}
			requireSame(t, before, w.get(basket))
		}
		require.Len(t, w.Sent(), 2, "what is refused is not told")
	})
}

func TestAnEmptyBasketIsNotCheckedOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.start(1)
		_, err := w.tryRemove(b.GetId(), w.kettle, 1)
		require.NoError(t, err)
		_, err = w.checkOut(b.GetId(), w.payment(5000))
		servicetest.RequireReason(t, err, fault.Refused, "BASKET_EMPTY")
		require.Empty(t, w.Sent())
	})
}

func TestAPaymentMustCoverTheBasket(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.start(2)
		status := func(status paymentsv1.PaymentStatus, order string) func(*paymentsv1.Payment) {
			return func(p *paymentsv1.Payment) { p.Status, p.OrderId = status, order }
		}
		for reason, change := range map[string][]func(*paymentsv1.Payment){
			"PAYMENT_OF_OTHER_CUSTOMER": {func(p *paymentsv1.Payment) { p.CustomerId = id.UUIDv7() }},
			"PAYMENT_IN_USE": {
				status(paymentsv1.PaymentStatus_PAYMENT_STATUS_CONFIRMED, id.UUIDv7()),
				status(paymentsv1.PaymentStatus_PAYMENT_STATUS_CAPTURED, id.UUIDv7()),
			},
			"PAYMENT_NOT_AUTHORIZED": {
				status(paymentsv1.PaymentStatus_PAYMENT_STATUS_VOIDED, ""),
				status(paymentsv1.PaymentStatus_PAYMENT_STATUS_VOIDED, id.UUIDv7()),
				status(paymentsv1.PaymentStatus_PAYMENT_STATUS_UNSPECIFIED, ""),
			},
			"CURRENCY_MISMATCH": {func(p *paymentsv1.Payment) { p.Amount = &typev1.Money{CurrencyCode: "EUR", MinorUnits: 5000} }},
			"PAYMENT_TOO_SMALL": {func(p *paymentsv1.Payment) { p.Amount = usd(4999) }},
		} {
			for _, change := range change {
				_, err := w.checkOut(b.GetId(), w.payment(5000, change))
				servicetest.RequireReason(t, err, fault.Refused, reason)
			}
		}
		requireSame(t, b, w.get(b.GetId()))
		require.Empty(t, w.Sent())
	})
}

func TestAPaymentWithoutAnAmountIsNoMistakeOfTheCustomer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.start(2)
		_, err := w.checkOut(b.GetId(), w.payment(0, func(p *paymentsv1.Payment) { p.Amount = nil }))
		require.Equal(t, rpc.ReasonInternal, rpc.Reason(err), "%v", err)
		requireSame(t, b, w.get(b.GetId()))
	})
}

// gone is the line of kettles when they are not to be had any more.
func (w *world) gone(quantity int32, reason string) *basketsv1.BasketItem {
	item := w.item(2500, quantity)
	item.UnavailableReason = reason
	return item
}

func TestWhatIsRemovedMustBeTakenOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.start(2)
		cup := w.product(w.tea, "Cup", 400)
		w.add(b.GetId(), cup, 1)
		w.changeProduct(w.kettle, func(p *storesv1.Product) { p.Removed = true })
		w.tell(w.kettle)
		shown := w.get(b.GetId())
		requireSame(t, w.gone(2, "PRODUCT_REMOVED"), shown.GetItems()[0])
		require.Empty(t, shown.GetItems()[1].GetUnavailableReason())
		requireSame(t, usd(5400), shown.GetTotal())

		payment := w.payment(5400)
		_, err := w.checkOut(b.GetId(), payment)
		servicetest.RequireReason(t, err, fault.Refused, "PRODUCT_UNAVAILABLE")
		require.ErrorContains(t, err, `"Kettle" of "Tea & Co"`)
		require.Empty(t, w.Sent())

		after, err := w.tryRemove(b.GetId(), w.kettle, 1)
		require.NoError(t, err)
		requireSame(t, w.gone(1, "PRODUCT_REMOVED"), after.GetItems()[0])
		_, err = w.tryRemove(b.GetId(), w.kettle, 1)
		require.NoError(t, err)
		resp, err := w.checkOut(b.GetId(), payment)
		require.NoError(t, err)
		requireSame(t, usd(400), resp.GetBasket().GetTotal())
	})
}

func TestWhatAStoreThatLeftSoldIsGoodAgainWhenItComesBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.start(2)
		payment := w.payment(5000)
		w.changeStore(w.tea, func(s *storesv1.Store) { s.Participating = false })
		w.tell(w.tea)
		requireHolds(t, w.get(b.GetId()), 5000, w.gone(2, "STORE_NOT_PARTICIPATING"))
		w.mall.questions()
		_, err := w.checkOut(b.GetId(), payment)
		servicetest.RequireReason(t, err, fault.Refused, "PRODUCT_UNAVAILABLE")
		require.Contains(t, w.mall.questions(), w.tea, "a no is asked again before it is told")

		w.changeStore(w.tea, func(s *storesv1.Store) { s.Participating = true }) // and baskets is not told
		resp, err := w.checkOut(b.GetId(), payment)
		require.NoError(t, err)
		requireHolds(t, resp.GetBasket(), 5000, w.item(2500, 2))
	})
}

func TestOfManyProductsOfAStoreThatLeftItIsAskedOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.start(1)
		for range 3 {
			w.add(b.GetId(), w.product(w.tea, "Cup", 400), 1)
		}
		w.changeStore(w.tea, func(s *storesv1.Store) { s.Participating = false })
		w.tell(w.tea)
		w.mall.questions()
		_, err := w.checkOut(b.GetId(), w.payment(5000))
		servicetest.RequireReason(t, err, fault.Refused, "PRODUCT_UNAVAILABLE")
		asked := slices.DeleteFunc(w.mall.questions(), func(id string) bool { return id != w.tea })
		require.Len(t, asked, 1)
	})
}

// What slips through, because the news is still on its way, is for stores to refuse when the order reserves its stock.
func TestNewsThatHasNotComeKeepsNothingFromBeingCheckedOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.start(2)
		w.changeProduct(w.kettle, func(p *storesv1.Product) { p.Removed = true })
		_, err := w.checkOut(b.GetId(), w.payment(5000))
		require.NoError(t, err)
	})
}

func TestABasketOfWhatIsNotToBeHadCanBeCanceled(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.start(2)
		w.changeProduct(w.kettle, func(p *storesv1.Product) { p.Removed = true })
		w.tell(w.kettle)
		canceled, err := w.cancel(b.GetId())
		require.NoError(t, err)
		requireHolds(t, canceled, 5000, w.item(2500, 2))
		requireSame(t, canceled, w.get(b.GetId()))
	})
}

func TestOfManyCheckoutsAtTheSameTimeOneSucceeds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.start(2)
		errs := make([]error, 4)
		var checkingOut sync.WaitGroup
		for i := range errs {
			payment := w.payment(5000)
			checkingOut.Go(func() { _, errs[i] = w.checkOut(b.GetId(), payment) })
		}
		checkingOut.Wait()
		succeeded := 0
		for _, err := range errs {
			if err == nil {
				succeeded++
			} else {
				servicetest.RequireReason(t, err, fault.Refused, "BASKET_NOT_OPEN")
			}
		}
		require.Equal(t, 1, succeeded)
		require.Len(t, w.SentTo(topics.BasketsEvents), 1)
	})
}

func TestWhatIsCheckedOutIsWhatWasPaidForThoughItemsComeAtTheSameTime(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.start(1)
		payment := w.payment(2500) // enough for one
		var checkoutErr, addErr error
		var both sync.WaitGroup
		both.Go(func() { _, checkoutErr = w.checkOut(b.GetId(), payment) })
		both.Go(func() { _, addErr = w.tryAdd(b.GetId(), w.kettle, 1) })
		both.Wait()
		after := w.get(b.GetId())
		if checkoutErr == nil {
			servicetest.RequireReason(t, addErr, fault.Refused, "BASKET_NOT_OPEN")
			requireHolds(t, after, 2500, w.item(2500, 1))
		} else {
			servicetest.RequireReason(t, checkoutErr, fault.Refused, "PAYMENT_TOO_SMALL")
			require.NoError(t, addErr)
			requireHolds(t, after, 5000, w.item(2500, 2))
		}
	})
}

func TestLateNewsDoesNotBringAnOldPriceBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.start(1)
		news := func(version, price int64) {
			w.Event(topics.StoresEvents, w.kettle, &storesv1.ProductPriceChanged{Product: &storesv1.Product{
				Id: w.kettle, StoreId: w.tea, Name: "Kettle", Price: usd(price), Version: version,
			}})
		}
		news(3, 3000)
		news(2, 2600)
		news(3, 3000)
		requireHolds(t, w.get(b.GetId()), 3000, w.item(3000, 1))
	})
}
