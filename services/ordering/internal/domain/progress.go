package domain

import (
	"time"

	"mallbots.example/pkg/es"
	"mallbots.example/pkg/fault"
)

// Approve makes a pending order approved; a bot will collect it by the shopping list. An order that was approved before stays as it is,
// whatever became of it since: a repeat has the answer of the first time.
func (o *Order) Approve(shoppingListID string, now time.Time) error {
	switch {
	case o.wasApproved():
		return nil
	case o.state.Status == Canceling:
		return ErrCanceling
	case o.state.Status != Pending:
		return ErrNotPending
	case shoppingListID == "":
		return fault.BadField("shopping_list_id", "must not be blank")
	}
	o.raise(OrderApproved{ShoppingListID: shoppingListID}, now)
	return nil
}

// Reject makes a pending order rejected. One that is canceling becomes canceled instead: what it held was given back for either reason. Any
// other order stays as it is.
func (o *Order) Reject(reason string, now time.Time) {
	switch o.state.Status {
	case Pending:
		o.raise(OrderRejected{Reason: reason}, now)
	case Canceling:
		o.raise(OrderCanceled{}, now)
	default: // rejected or canceled already, or approved, which nothing takes back but a cancel
	}
}

// StartShopping says that a bot has the list: from now on the customer can't cancel, and if they have, it is too late.
func (o *Order) StartShopping(shoppingListID string, now time.Time) error {
	return o.proceed(InProgress, shoppingListID, now)
}

// MakeReady says that a bot has collected all of the list.
func (o *Order) MakeReady(shoppingListID string, now time.Time) error {
	return o.proceed(Ready, shoppingListID, now)
}

// Invoice keeps by which invoice the order is paid. The first one stays, unless another one is paid.
func (o *Order) Invoice(invoiceID string, now time.Time) error {
	if invoiceID == "" {
		return fault.BadField("invoice_id", "must not be blank")
	}
	if err := o.proceed(Ready, "", now); err != nil {
		return err
	}
	if o.state.Status == Ready && o.state.InvoiceID == "" {
		o.raise(OrderInvoiced{InvoiceID: invoiceID}, now)
	}
	return nil
}

// Complete says that the order is paid.
func (o *Order) Complete(invoiceID string, now time.Time) error {
	if err := o.Invoice(invoiceID, now); err != nil {
		return err
	}
	if o.state.Status != Ready {
		return nil // completed already, rejected or canceled
	}
	if o.state.InvoiceID != invoiceID {
		o.raise(OrderInvoiced{InvoiceID: invoiceID}, now)
	}
	return o.proceed(Completed, "", now)
}

// rank orders the statuses that an order goes through when all is well. The others have none.
var rank = map[Status]int{Pending: 1, Approved: 2, InProgress: 3, Ready: 4, Completed: 5}

// proceed takes the order up to goal, through each step in between that it has not taken: events overtake each other, and a later one
// implies the earlier ones, which are told too and change nothing when they come themselves. An order that is beyond goal, rejected or
// canceled stays as it is. An order that its customer wants canceled goes on from what it was: a bot was faster. One that is canceling
// because it can't be had does not: what comes now was overtaken.
//
// The step to approved needs the shopping list. What doesn't name it (ErrNotApproved) can only have overtaken the message that does.
func (o *Order) proceed(goal Status, shoppingListID string, now time.Time) error {
	at := o.state.Status
	if at == Canceling {
		if o.cause != ByCustomer {
			return nil
		}
		at = o.canceledFrom
	}
	if rank[at] == 0 {
		return nil
	}
	if at == Pending && shoppingListID == "" {
		return ErrNotApproved
	}
	for _, step := range []struct {
		to    Status
		event es.Event
	}{
		{Approved, OrderApproved{ShoppingListID: shoppingListID}},
		{InProgress, OrderShoppingStarted{}},
		{Ready, OrderReadied{}},
		{Completed, OrderCompleted{}},
	} {
		if rank[at] < rank[step.to] && rank[step.to] <= rank[goal] {
			o.raise(step.event, now)
		}
	}
	return nil
}

// wasApproved reports whether the order ever was approved: it is what gives it a list.
func (o *Order) wasApproved() bool { return o.state.ShoppingListID != "" }
