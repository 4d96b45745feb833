package app

import (
	"context"

	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/store"
	"mallbots.example/services/baskets/internal/domain"
)

// CheckoutBasket freezes a basket's prices and places the order. The payment is read before the unit of work, which must not wait for
// another service; the total that it must cover is computed within.
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
		return offers, b.CheckOut(payment, offers, a.clock.Now())
	})
}
