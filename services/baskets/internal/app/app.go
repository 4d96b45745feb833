// Package app holds the use cases of baskets, one file each.
package app

import (
	"context"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/store"
	"mallbots.example/services/baskets/internal/domain"
)

// Baskets is the repository of baskets.
type Baskets interface {
	// Load gives a basket, or the fault BASKET_NOT_FOUND.
	Load(ctx context.Context, tx *store.Tx, id string) (*domain.Basket, error)
	// Save stores what happened to a basket.
	Save(ctx context.Context, tx *store.Tx, basket *domain.Basket) error
}

// Offers says how products are offered now, from this service's own copy of stores and products.
type Offers interface {
	// Of gives the offers of products, or the fault PRODUCT_NOT_FOUND.
	Of(ctx context.Context, tx *store.Tx, productIDs []string) (domain.Offers, error)
	// Confirm asks stores whether the store of an offer participates: the copy may be a moment behind.
	Confirm(ctx context.Context, tx *store.Tx, offer domain.Offer) (domain.Offer, error)
}

// Payments asks the service payments.
type Payments interface {
	// Get gives a payment, or the fault PAYMENT_NOT_FOUND.
	Get(ctx context.Context, id string) (domain.Payment, error)
}

// Events tells the other services what happened to a basket.
type Events interface {
	Publish(ctx context.Context, tx *store.Tx, view View)
}

// View is a basket as customers see it.
type View struct {
	*domain.Basket
	domain.Quote
}

// App runs the use cases, each in a unit of work.
type App struct {
	db       *store.DB
	baskets  Baskets
	offers   Offers
	payments Payments
	events   Events
	clock    clock.Clock
	newID    id.Source
}

// New makes the use cases.
func New(
	db *store.DB, baskets Baskets, offers Offers, payments Payments, events Events, clock clock.Clock, newID id.Source,
) *App {
	return &App{db: db, baskets: baskets, offers: offers, payments: payments, events: events, clock: clock, newID: newID}
}

// change is a use case that changes one basket. The change gives the offers by which the basket is shown afterwards.
func (a *App) change(
	ctx context.Context, id string, change func(ctx context.Context, tx *store.Tx, b *domain.Basket) (domain.Offers, error),
) (view View, err error) {
	err = a.db.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
		basket, err := a.baskets.Load(ctx, tx, id)
		if err != nil {
			return err
		}
		offers, err := change(ctx, tx, basket)
		if err != nil {
			return err
		}
		view, err = a.save(ctx, tx, basket, offers)
		return err
	})
	return view, err
}

func (a *App) save(ctx context.Context, tx *store.Tx, basket *domain.Basket, offers domain.Offers) (View, error) {
	quote, err := basket.Quote(offers)
	if err != nil {
		return View{}, err
	}
	view := View{Basket: basket, Quote: quote}
	a.events.Publish(ctx, tx, view)
	return view, a.baskets.Save(ctx, tx, basket)
}
