package account

import (
	"context"
	"errors"
	"io"
	"time"

	"google.golang.org/grpc/status"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	customersv1 "mallbots.example/api/mallbots/customers/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
)

// plan is what a customer means to do.
type plan struct {
	lines   []line
	cancels bool // as soon as there is an order
}

type line struct {
	productID string
	pieces    int32
}

// customer shops once. Its record is what it was told.
type customer struct {
	*Load
	plan   plan
	record *Record
	placed time.Time // when it asked for the checkout
}

// shop registers, fills a basket, checks out, and follows the order until it is final. It ends early when nobody answers any more.
func (c *customer) shop(ctx context.Context) {
	if !c.fill(ctx) {
		return
	}
	if c.checkOut(ctx); c.record.Promise == AnOrder {
		c.follow(ctx)
	}
}

// fill comes as far as a filled basket and a payment that covers it.
func (c *customer) fill(ctx context.Context) bool {
	registered, err := ask(ctx, c.calls, "Customers/RegisterCustomer", c.customers.RegisterCustomer, &customersv1.RegisterCustomerRequest{
		Name: "Ada", SmsNumber: "+12025550123", RequestId: c.requestID(),
	})
	if c.note("RegisterCustomer", err) {
		return false
	}
	c.record.CustomerID = registered.GetCustomer().GetId()
	started, err := ask(ctx, c.calls, "Baskets/StartBasket", c.baskets.StartBasket, &basketsv1.StartBasketRequest{
		CustomerId: c.record.CustomerID, RequestId: c.requestID(),
	})
	if c.note("StartBasket", err) {
		return false
	}
	c.record.BasketID = started.GetBasket().GetId()
	var total *typev1.Money
	for _, line := range c.plan.lines {
		filled, err := ask(ctx, c.calls, "Baskets/AddItem", c.baskets.AddItem, &basketsv1.AddItemRequest{
			BasketId: c.record.BasketID, ProductId: line.productID, Quantity: line.pieces, RequestId: c.requestID(),
		})
		if c.note("AddItem", err) {
			return false
		}
		total = filled.GetBasket().GetTotal()
	}
	c.record.Total = total.GetMinorUnits()
	authorized, err := ask(ctx, c.calls, "Payments/AuthorizePayment", c.payments.AuthorizePayment, &paymentsv1.AuthorizePaymentRequest{
		CustomerId: c.record.CustomerID, Amount: total, RequestId: c.requestID(),
	})
	c.record.PaymentID = authorized.GetPayment().GetId()
	return !c.note("AuthorizePayment", err)
}

// note keeps a refusal that nothing speaks for, and reports whether there was any error.
func (c *customer) note(method string, err error) bool {
	if reason := refused(err); reason != "" {
		c.record.Refused = append(c.record.Refused, method+": "+reason)
	}
	return err != nil
}

// checkOut gets a promise. A customer who is not answered takes the basket back: then there is no order, or the mall says that it is
// checked out already.
func (c *customer) checkOut(ctx context.Context) {
	c.record.Promise, c.placed = Unknown, time.Now()
	_, err := ask(ctx, c.calls, "Baskets/CheckoutBasket", c.baskets.CheckoutBasket, &basketsv1.CheckoutBasketRequest{
		Id: c.record.BasketID, PaymentId: c.record.PaymentID, RequestId: c.requestID(),
	})
	switch {
	case !c.note("CheckoutBasket", err):
		c.record.Promise = AnOrder
		c.progress.placed.Add(1)
		return
	case refused(err) != "":
		c.record.Promise = NoOrder
		return
	}
	c.progress.unanswered.Add(1)
	_, err = ask(ctx, c.calls, "Baskets/CancelBasket", c.baskets.CancelBasket, &basketsv1.CancelBasketRequest{
		Id: c.record.BasketID, RequestId: c.requestID(),
	})
	switch {
	case err == nil:
		c.record.Promise = NoOrder
	case refused(err) != "":
		c.record.Promise = AnOrder
	}
}

// follow watches the order to its end, does what is the customer's to do on the way, and watches again when the stream breaks.
func (c *customer) follow(ctx context.Context) {
	seen := sight{cancelID: c.requestID(), payID: c.requestID()}
	pause := newPause()
	for ctx.Err() == nil && !final(seen.status) {
		before := seen.version
		c.watch(ctx, &seen)
		if seen.version > before {
			pause.Reset()
		}
		if !final(seen.status) {
			wait(ctx, pause.NextBackOff())
		}
	}
	c.progress.end(seen.status)
}

// sight is how far a customer has seen the order go.
type sight struct {
	version         int64
	status          orderingv1.OrderStatus
	approved        bool
	canceled, paid  bool    // asked for, and answered
	cancelID, payID *string // of the two requests, however often they are made
}

// watch reads one stream to its end.
func (c *customer) watch(ctx context.Context, seen *sight) {
	looking, cancel := context.WithTimeout(ctx, glimpse)
	defer cancel()
	stream, err := c.ordering.WatchOrder(looking, &orderingv1.WatchOrderRequest{Id: c.record.BasketID})
	for err == nil {
		var resp *orderingv1.WatchOrderResponse
		if resp, err = stream.Recv(); err == nil {
			c.see(ctx, resp.GetOrder(), seen)
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if looking.Err() == nil && !final(seen.status) {
		c.count.broke(status.Code(err))
	}
}

// see does what an order's step asks for: a customer who wants it canceled does so at first sight, and an invoice is paid.
func (c *customer) see(ctx context.Context, order *orderingv1.Order, seen *sight) {
	seen.version, seen.status = order.GetVersion(), order.GetStatus()
	if !seen.approved && order.GetShoppingListId() != "" { // from its approval on
		seen.approved = true
		c.count.approved(time.Since(c.placed))
	}
	if c.plan.cancels && !seen.canceled && !final(seen.status) {
		_, err := ask(ctx, c.calls, "Ordering/CancelOrder", c.ordering.CancelOrder, &orderingv1.CancelOrderRequest{
			Id: order.GetId(), RequestId: seen.cancelID,
		})
		reason := refused(err)
		seen.canceled = err == nil || reason != ""
		if reason != "ORDER_NOT_CANCELABLE" { // a robot was faster, or the order is over: fair enough
			c.note("CancelOrder", err)
		}
	}
	// An order that is canceled because its invoice was keeps its id: nothing is to be paid then.
	if id := order.GetInvoiceId(); id != "" && !seen.paid && seen.status == ready {
		_, err := ask(ctx, c.calls, "Payments/PayInvoice", c.payments.PayInvoice, &paymentsv1.PayInvoiceRequest{Id: id, RequestId: seen.payID})
		seen.paid = !c.note("PayInvoice", err) || refused(err) != ""
	}
}
