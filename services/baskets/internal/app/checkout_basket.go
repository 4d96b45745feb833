package app

import (
	"context"
	"errors"

	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/store"
	"mallbots.example/services/baskets/internal/domain"
)

// CheckoutBasket freezes a basket's prices and places the order. The payment is read before the unit of work, which waits for another
// service only where the copy does not do: of what it does not know yet, and before it says no. The total that the payment must cover is
// computed within.
func (a *App) CheckoutBasket(ctx context.Context, id, paymentID string) (View, error) {
	payment, notFound := a.payments.Get(ctx, paymentID)
	if _, refused := fault.As(notFound); notFound != nil && !refused {
		return View{}, notFound
	}
	return a.change(ctx, id, func(ctx context.Context, tx *store.Tx, b *domain.Basket) (domain.Offers, error) {
		if notFound != nil { // told only now: an unknown basket is told first
			return nil, notFound
		}
		offers, err := a.offers.Of(ctx, tx, b.ProductIDs())
		if err != nil {
			return nil, err
		}
		err = b.CheckOut(payment, offers, a.clock.Now())
		// The news that a store takes part again may still be on its way.
		if errors.Is(err, domain.ErrUnavailable) {
			if offers, err = a.confirmStores(ctx, tx, offers); err != nil {
				return nil, err
			}
			err = b.CheckOut(payment, offers, a.clock.Now())
		}
		return offers, err
	})
}

// confirmStores asks stores about those that do not participate, each once. Of what is removed nothing that they say makes a difference.
func (a *App) confirmStores(ctx context.Context, tx *store.Tx, offers domain.Offers) (domain.Offers, error) {
	confirmed, asked := domain.Offers{}, map[string]domain.Offer{}
	for productID, offer := range offers {
		if !offer.Participating && !offer.Removed {
			known, ok := asked[offer.StoreID]
			if !ok {
				var err error
				if known, err = a.offers.Confirm(ctx, tx, offer); err != nil {
					return nil, err
				}
				asked[offer.StoreID] = known
			}
			offer.StoreName, offer.Participating = known.StoreName, known.Participating
		}
		confirmed[productID] = offer
	}
	return confirmed, nil
}
