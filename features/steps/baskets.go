package steps

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
)

func (w *world) basketSteps() {
	w.step(`^"([^"]*)" puts (\d+) "([^"]*)" into the basket$`, w.put)
	w.tries(`^"([^"]*)" tries to put (-?\d+) "([^"]*)" into the basket$`, w.put)
	w.tries(`^"([^"]*)" tries to put something into the basket that nobody sells$`, w.putUnknown)
	w.step(`^"([^"]*)" puts (\d+) "([^"]*)" into a second basket$`, w.putIntoSecond)
	w.step(`^"([^"]*)" puts (\d+) different products of "([^"]*)" into the basket$`, w.putMany)
	w.step(`^"([^"]*)" takes (\d+) "([^"]*)" out of the basket$`, w.takeOut)
	w.tries(`^"([^"]*)" tries to take (-?\d+) "([^"]*)" out of the basket$`, w.takeOut)
	w.step(`^"([^"]*)" cancels the basket$`, w.cancelBasket)
	w.tries(`^"([^"]*)" tries to cancel the basket$`, w.cancelBasket)
	w.step(`^the basket of "([^"]*)" costs `+price+`$`, w.basketCosts)
	w.step(`^the basket of "([^"]*)" comes to cost `+price+`$`, func(ctx context.Context, name, price string) error {
		return eventually(ctx, func(ctx context.Context) error { return w.basketCosts(ctx, name, price) })
	})
	w.step(`^the basket of "([^"]*)" holds (\d+) "([^"]*)"$`, w.basketHolds)
	w.step(`^the basket of "([^"]*)" comes to hold (\d+) "([^"]*)"$`, func(ctx context.Context, name string, want int32, product string) error {
		return eventually(ctx, func(ctx context.Context) error { return w.basketHolds(ctx, name, want, product) })
	})
	w.step(`^the basket of "([^"]*)" holds no "([^"]*)"$`, func(ctx context.Context, name, product string) error {
		return w.basketHolds(ctx, name, 0, product)
	})
	w.step(`^the basket of "([^"]*)" is empty$`, w.basketIsEmpty)
	w.step(`^the basket of "([^"]*)" shows that "([^"]*)" is (sold no more|of a store that left|to be had)$`, w.basketShows)
	w.step(`^the basket of "([^"]*)" comes to show that "([^"]*)" is (to be had)$`, func(ctx context.Context, name, product, what string) error {
		return eventually(ctx, func(ctx context.Context) error { return w.basketShows(ctx, name, product, what) })
	})
}

// basketOf is the id of a customer's basket, which is started when it is needed.
func (w *world) basketOf(ctx context.Context, s *shopper) (string, error) {
	if s.basketID != "" {
		return s.basketID, nil
	}
	id, err := w.startBasket(ctx, s)
	s.basketID = id
	return id, err
}

func (w *world) startBasket(ctx context.Context, s *shopper) (string, error) {
	resp, err := w.baskets.StartBasket(ctx, &basketsv1.StartBasketRequest{CustomerId: s.customerID})
	return resp.GetBasket().GetId(), err
}

func (w *world) put(ctx context.Context, name string, quantity int32, product string) error {
	s, err := w.shopper(name)
	if err != nil {
		return err
	}
	basketID, err := w.basketOf(ctx, s)
	if err != nil {
		return err
	}
	return w.addItem(ctx, basketID, product, quantity)
}

func (w *world) putIntoSecond(ctx context.Context, name string, quantity int32, product string) error {
	s, err := w.shopper(name)
	if err != nil {
		return err
	}
	if s.secondID == "" {
		if s.secondID, err = w.startBasket(ctx, s); err != nil {
			return err
		}
	}
	return w.addItem(ctx, s.secondID, product, quantity)
}

func (w *world) addItem(ctx context.Context, basketID, product string, quantity int32) error {
	productID, err := w.product(product)
	if err != nil {
		return err
	}
	_, err = w.baskets.AddItem(ctx, &basketsv1.AddItemRequest{BasketId: basketID, ProductId: productID, Quantity: quantity})
	return err
}

func (w *world) putUnknown(ctx context.Context, name string) error {
	w.productIDs["unknown"] = uuid.NewString()
	return w.put(ctx, name, 1, "unknown")
}

// putMany fills a basket line by line.
func (w *world) putMany(ctx context.Context, name string, lines int, store string) error {
	for n := range lines {
		product := fmt.Sprintf("No. %d", n+1)
		if err := w.addUnlimited(ctx, store, product, "0.01"); err != nil {
			return err
		}
		if err := w.put(ctx, name, 1, product); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) takeOut(ctx context.Context, name string, quantity int32, product string) error {
	s, err := w.shopper(name)
	if err != nil {
		return err
	}
	basketID, err := w.basketOf(ctx, s)
	if err != nil {
		return err
	}
	productID, err := w.product(product)
	if err != nil {
		return err
	}
	_, err = w.baskets.RemoveItem(ctx, &basketsv1.RemoveItemRequest{BasketId: basketID, ProductId: productID, Quantity: quantity})
	return err
}

func (w *world) cancelBasket(ctx context.Context, name string) error {
	s, err := w.shopper(name)
	if err != nil {
		return err
	}
	_, err = w.baskets.CancelBasket(ctx, &basketsv1.CancelBasketRequest{Id: s.basketID})
	return err
}

func (w *world) getBasket(ctx context.Context, name string) (*basketsv1.Basket, error) {
	s, err := w.shopper(name)
	if err != nil {
		return nil, err
	}
	basketID, err := w.basketOf(ctx, s)
	if err != nil {
		return nil, err
	}
	resp, err := w.baskets.GetBasket(ctx, &basketsv1.GetBasketRequest{Id: basketID})
	return resp.GetBasket(), err
}

func (w *world) basketCosts(ctx context.Context, name, price string) error {
	basket, err := w.getBasket(ctx, name)
	if err != nil {
		return err
	}
	return costs("the basket", basket.GetTotal(), price)
}

func (w *world) basketHolds(ctx context.Context, name string, want int32, product string) error {
	basket, err := w.getBasket(ctx, name)
	if err != nil {
		return err
	}
	var got int32
	for _, item := range basket.GetItems() {
		if item.GetProductName() == product {
			got += item.GetQuantity()
		}
	}
	if got != want {
		return fmt.Errorf("the basket holds %d %q", got, product)
	}
	return nil
}

func (w *world) basketIsEmpty(ctx context.Context, name string) error {
	basket, err := w.getBasket(ctx, name)
	if err != nil {
		return err
	}
	if n := len(basket.GetItems()); n > 0 {
		return fmt.Errorf("the basket has %d lines", n)
	}
	return nil
}

// unavailable by what the features say.
var unavailable = map[string]string{"sold no more": "PRODUCT_REMOVED", "of a store that left": "STORE_NOT_PARTICIPATING", "to be had": ""}

func (w *world) basketShows(ctx context.Context, name, product, what string) error {
	basket, err := w.getBasket(ctx, name)
	if err != nil {
		return err
	}
	for _, item := range basket.GetItems() {
		if item.GetProductName() == product {
			if got := item.GetUnavailableReason(); got != unavailable[what] {
				return fmt.Errorf("the basket says of it: %q", got)
			}
			return nil
		}
	}
	return errors.New("the basket does not hold it")
}
