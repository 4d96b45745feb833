package steps

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
)

func (w *world) checkoutSteps() {
	w.step(`^"([^"]*)" checks out$`, w.checkOut)
	w.step(`^"([^"]*)" has ordered (\d+) "([^"]*)"$`, w.hasOrdered)
	w.step(`^"([^"]*)" and "([^"]*)" check out at the same time$`, w.checkOutTogether)
	w.step(`^(\d+) customers buy (\d+) "([^"]*)" each at the same time$`, w.rush)
	w.tries(`^"([^"]*)" tries to check out with a payment of `+price+`$`, w.checkOutWith)
	w.tries(`^"([^"]*)" tries to check out with a payment of "([^"]*)"$`, w.checkOutAs)
	w.tries(`^"([^"]*)" tries to check out with a payment that nobody knows$`, func(ctx context.Context, name string) error {
		return w.checkOutBy(ctx, name, uuid.NewString())
	})
	w.step(`^"([^"]*)" buys (\d+) "([^"]*)" with the same payment$`, w.buyAgain)
	w.tries(`^"([^"]*)" tries to buy (\d+) "([^"]*)" with the same payment$`, w.buyAgain)
	w.step(`^"([^"]*)" checks out both baskets with one payment$`, w.checkOutBoth)
	w.tries(`^"([^"]*)" tries to check out just when "([^"]*)" has been removed$`, func(ctx context.Context, name, product string) error {
		return w.checkOutAfter(ctx, name, func(ctx context.Context) error { return w.remove(ctx, product) })
	})
	w.tries(`^"([^"]*)" tries to check out just when "([^"]*)" has left the mall$`, func(ctx context.Context, name, store string) error {
		return w.checkOutAfter(ctx, name, func(ctx context.Context) error { return w.leave(ctx, store) })
	})
	w.step(`^"([^"]*)" does not get it, be it that the basket is refused, or the order because (.+)$`, w.doesNotGetIt)
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

// checkOut pays with a payment of just what the basket costs, unless the customer has one.
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
	if err != nil {
		return err
	}
	s.orderID, s.orderIDs = orderID, append(s.orderIDs, orderID)
	return nil
}

// order is a whole purchase, of a new basket and with a new payment.
func (w *world) order(ctx context.Context, name string, quantity int32, product string) error {
	s, err := w.shopper(name)
	if err != nil {
		return err
	}
	s.basketID, s.paymentID = "", ""
	if err := w.put(ctx, name, quantity, product); err != nil {
		return err
	}
	return w.checkOut(ctx, name)
}

// hasOrdered also waits until the order is approved.
func (w *world) hasOrdered(ctx context.Context, name string, quantity int32, product string) error {
	if err := w.order(ctx, name, quantity, product); err != nil {
		return err
	}
	return w.orderBecomes(ctx, name, "approved")
}

func (w *world) checkOutTogether(ctx context.Context, one, other string) error {
	var both errgroup.Group
	for _, name := range []string{one, other} {
		both.Go(func() error { return w.checkOut(ctx, name) })
	}
	return both.Wait()
}

// rush makes customers of its own.
func (w *world) rush(ctx context.Context, customers int, quantity int32, product string) error {
	names := make([]string, customers)
	for i := range names {
		names[i] = fmt.Sprintf("customer %d of %s", i+1, product)
		if err := w.register(ctx, names[i], anyNumber); err != nil {
			return err
		}
		if err := w.put(ctx, names[i], quantity, product); err != nil {
			return err
		}
	}
	var all errgroup.Group
	for _, name := range names {
		all.Go(func() error { return w.checkOut(ctx, name) })
	}
	return all.Wait()
}

// checkOutWith pays with a new payment of an amount.
func (w *world) checkOutWith(ctx context.Context, name, price string) error {
	amount, err := money(price)
	if err != nil {
		return err
	}
	s, err := w.shopper(name)
	if err != nil {
		return err
	}
	paymentID, err := w.authorize(ctx, s.customerID, amount)
	if err != nil {
		return err
	}
	return w.checkOutBy(ctx, name, paymentID)
}

// checkOutAs pays with a new payment of somebody else.
func (w *world) checkOutAs(ctx context.Context, name, other string) error {
	basket, err := w.getBasket(ctx, name)
	if err != nil {
		return err
	}
	payer, err := w.shopper(other)
	if err != nil {
		return err
	}
	paymentID, err := w.authorize(ctx, payer.customerID, basket.GetTotal())
	if err != nil {
		return err
	}
	return w.checkOutBy(ctx, name, paymentID)
}

func (w *world) checkOutBy(ctx context.Context, name, paymentID string) error {
	s, err := w.shopper(name)
	if err != nil {
		return err
	}
	basketID, err := w.basketOf(ctx, s)
	if err != nil {
		return err
	}
	_, err = w.place(ctx, basketID, paymentID)
	return err
}

func (w *world) buyAgain(ctx context.Context, name string, quantity int32, product string) error {
	s, err := w.shopper(name)
	if err != nil {
		return err
	}
	if s.paymentID == "" {
		return errors.New("nothing was paid for yet")
	}
	s.basketID = ""
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
	first, second := atOnce(
		func() (err error) { s.orderID, err = w.place(ctx, s.basketID, s.paymentID); return err },
		func() (err error) { s.otherID, err = w.place(ctx, s.secondID, s.paymentID); return err },
	)
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

// rushed are the orders of the customers of a rush.
func (w *world) rushed() []string {
	var orders []string
	for name, s := range w.shoppers {
		if strings.HasPrefix(name, "customer ") {
			orders = append(orders, s.orderID)
		}
	}
	return orders
}

// checkOutAfter checks out right after something became of the basket's products, without waiting until baskets know.
func (w *world) checkOutAfter(ctx context.Context, name string, become func(context.Context) error) error {
	basket, err := w.getBasket(ctx, name)
	if err != nil {
		return err
	}
	s := w.shoppers[name]
	if s.paymentID, err = w.authorize(ctx, s.customerID, basket.GetTotal()); err != nil {
		return err
	}
	if err := become(ctx); err != nil {
		return err
	}
	return w.checkOut(ctx, name)
}

// doesNotGetIt is all that can be promised when the news may still be on its way.
func (w *world) doesNotGetIt(ctx context.Context, name, because string) error {
	if !w.tried {
		return errors.New("nothing was tried")
	}
	w.tried = false
	if w.refusal == nil {
		return w.orderIsRejected(ctx, name, because)
	}
	return errors.Join(expect(w.refusal, refusals["something in it is not to be had any more"]), w.noOrder(ctx, name))
}
