package steps

import (
	"context"
	"errors"
	"fmt"

	"github.com/cucumber/godog"
	"golang.org/x/sync/errgroup"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
)

func (w *world) checkoutSteps(sc *godog.ScenarioContext) {
	sc.Step(`^"([^"]*)" checks out$`, w.checkOut)
	sc.Step(`^"([^"]*)" tries to check out$`, func(ctx context.Context, name string) error {
		w.try(w.checkOut(ctx, name))
		return nil
	})
	sc.Step(`^"([^"]*)" and "([^"]*)" check out at the same time$`, w.checkOutTogether)
	sc.Step(`^"([^"]*)" tries to check out an empty basket$`, func(ctx context.Context, name string) error {
		return w.triesWithPayment(ctx, name, "1.00")
	})
	sc.Step(`^"([^"]*)" tries to check out with a payment of ([0-9.]+)$`, w.triesWithPayment)
	sc.Step(`^"([^"]*)" tries to check out with a payment of "([^"]*)"$`, w.triesWithPaymentOf)
	sc.Step(`^"([^"]*)" buys (\d+) "([^"]*)" with the same payment$`, w.buyAgain)
	sc.Step(`^"([^"]*)" tries to buy (\d+) "([^"]*)" with the same payment$`, func(ctx context.Context, name string, quantity int32, product string) error {
		w.try(w.buyAgain(ctx, name, quantity, product))
		return nil
	})
	sc.Step(`^"([^"]*)" checks out both baskets with one payment$`, w.checkOutBoth)
}

func (w *world) authorize(ctx context.Context, customerID string, amount *typev1.Money) (string, error) {
	resp, err := w.payments.AuthorizePayment(ctx, &paymentsv1.AuthorizePaymentRequest{CustomerId: customerID, Amount: amount})
	return resp.GetPayment().GetId(), err
}

// place checks out a basket and gives the order.
func (w *world) place(ctx context.Context, basketID, paymentID string) (string, error) {
	resp, err := w.baskets.CheckoutBasket(ctx, &basketsv1.CheckoutBasketRequest{Id: basketID, PaymentId: paymentID})
	return resp.GetOrderId(), err
}

// checkOut pays with a payment of just what the basket costs.
func (w *world) checkOut(ctx context.Context, name string) error {
	basket, err := w.getBasket(ctx, name)
	if err != nil {
		return err
	}
	s := w.shoppers[name]
	if s.paymentID == "" {
		if s.paymentID, err = w.authorize(ctx, s.customerID, basket.GetTotal()); err != nil {
			return err
		}
	}
	orderID, err := w.place(ctx, basket.GetId(), s.paymentID)
	if err == nil {
		s.orderID = orderID
	}
	return err
}

func (w *world) checkOutTogether(ctx context.Context, one, other string) error {
	var both errgroup.Group
	for _, name := range []string{one, other} {
		both.Go(func() error { return w.checkOut(ctx, name) })
	}
	return both.Wait()
}

func (w *world) triesWithPayment(ctx context.Context, name, price string) error {
	amount, err := money(price)
	if err != nil {
		return err
	}
	s, err := w.shopper(name)
	if err != nil {
		return err
	}
	return w.tryWith(ctx, s, s.customerID, amount)
}

func (w *world) triesWithPaymentOf(ctx context.Context, name, other string) error {
	basket, err := w.getBasket(ctx, name)
	if err != nil {
		return err
	}
	payer, err := w.shopper(other)
	if err != nil {
		return err
	}
	return w.tryWith(ctx, w.shoppers[name], payer.customerID, basket.GetTotal())
}

func (w *world) tryWith(ctx context.Context, s *shopper, payerID string, amount *typev1.Money) error {
	paymentID, err := w.authorize(ctx, payerID, amount)
	if err != nil {
		return err
	}
	basketID, err := w.basketOf(ctx, s)
	if err != nil {
		return err
	}
	_, err = w.place(ctx, basketID, paymentID)
	w.try(err)
	return nil
}

func (w *world) buyAgain(ctx context.Context, name string, quantity int32, product string) error {
	s, err := w.shopper(name)
	if err != nil {
		return err
	}
	if s.basketID, err = w.startBasket(ctx, s); err != nil {
		return err
	}
	if err := w.put(ctx, name, quantity, product); err != nil {
		return err
	}
	return w.checkOut(ctx, name)
}

// checkOutBoth lets both checkouts run at once. One may be refused at the counter already, or get as far as an order.
func (w *world) checkOutBoth(ctx context.Context, name string) error {
	basket, err := w.getBasket(ctx, name)
	if err != nil {
		return err
	}
	s := w.shoppers[name]
	if s.paymentID, err = w.authorize(ctx, s.customerID, basket.GetTotal()); err != nil {
		return err
	}
	var first, second error
	var both errgroup.Group
	both.Go(func() error { s.orderID, first = w.place(ctx, s.basketID, s.paymentID); return nil })
	both.Go(func() error { s.otherID, second = w.place(ctx, s.secondID, s.paymentID); return nil })
	if err := both.Wait(); err != nil {
		return err
	}
	if first != nil && second != nil {
		return fmt.Errorf("both were refused: %w", errors.Join(first, second))
	}
	for _, err := range []error{first, second} {
		if err != nil {
			return expect(err, refusals["the payment is in use"])
		}
	}
	return nil
}
