package steps

import (
	"context"
	"fmt"

	"github.com/cucumber/godog"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
)

func (w *world) basketSteps(sc *godog.ScenarioContext) {
	sc.Step(`^"([^"]*)" puts (\d+) "([^"]*)" into the basket$`, w.put)
	sc.Step(`^"([^"]*)" puts (\d+) "([^"]*)" into a second basket$`, w.putIntoSecond)
	sc.Step(`^"([^"]*)" tries to put (-?\d+) "([^"]*)" into the basket$`, func(ctx context.Context, name string, quantity int32, product string) error {
		w.try(w.put(ctx, name, quantity, product))
		return nil
	})
	sc.Step(`^"([^"]*)" takes (\d+) "([^"]*)" out of the basket$`, w.takeOut)
	sc.Step(`^"([^"]*)" cancels the basket$`, w.cancelBasket)
	sc.Step(`^the basket of "([^"]*)" costs ([0-9.]+)$`, w.basketCosts)
	sc.Step(`^the basket of "([^"]*)" comes to cost ([0-9.]+)$`, func(ctx context.Context, name, price string) error {
		return eventually(ctx, func(ctx context.Context) error { return w.basketCosts(ctx, name, price) })
	})
	sc.Step(`^the basket of "([^"]*)" holds (\d+) "([^"]*)"$`, w.basketHolds)
	sc.Step(`^the basket of "([^"]*)" holds no "([^"]*)"$`, func(ctx context.Context, name, product string) error {
		return w.basketHolds(ctx, name, 0, product)
	})
	sc.Step(`^the basket of "([^"]*)" is empty$`, w.basketIsEmpty)
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

func (w *world) takeOut(ctx context.Context, name string, quantity int32, product string) error {
	s, err := w.shopper(name)
	if err != nil {
		return err
	}
	productID, err := w.product(product)
	if err != nil {
		return err
	}
	_, err = w.baskets.RemoveItem(ctx, &basketsv1.RemoveItemRequest{BasketId: s.basketID, ProductId: productID, Quantity: quantity})
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
