package domain

import "time"

// Cause is why an order is to be canceled. It is stored: its values never change.
type Cause string

// The causes. A customer's wish can come too late, and is refused then. The others are facts, which nobody refuses. The customer is stored
// as nothing, as when there was no other cause: programs from before those read it so, and leave out what they don't know.
const (
	ByCustomer      Cause = ""
	ListGivenUp     Cause = "list_given_up"
	InvoiceCanceled Cause = "invoice_canceled"
)

// Cancel asks for a cancel, which takes effect when what the order holds is given back. It is too late once a bot has the list, be it
// that the order knows (in progress) or that the list's owner said so (the cancel was refused). An order that is canceling or canceled
// stays as it is.
func (o *Order) Cancel(now time.Time) error {
	switch o.state.Status {
	case Canceling, Canceled:
		return nil
	case Pending:
	case Approved:
		if o.cancelRefused {
			return ErrNotCancelable
		}
	default:
		return ErrNotCancelable
	}
	o.raise(OrderCancelRequested{StatusBefore: o.state.Status, Cause: ByCustomer}, now)
	return nil
}

// GiveUp says that the depot gave the shopping list up: nobody will collect the order, which is to be canceled whoever has the list. An
// order that was collected, or has its end, stays as it is; so does one that is canceling, unless its customer's wish may yet be refused:
// a bot may have had the list before it was given up.
func (o *Order) GiveUp(now time.Time) {
	before := o.state.Status
	if before == Canceling && o.cause == ByCustomer && o.canceledFrom == Approved {
		before = o.canceledFrom
	}
	switch before {
	case Pending, Approved, InProgress:
		o.raise(OrderCancelRequested{StatusBefore: before, Cause: ListGivenUp}, now)
	default:
	}
}

// CancelUnpaid says that the invoice was canceled at the counter: the order, which was ready, is to be canceled. One that has its end
// stays as it is; so does one that is canceling because it can't be had.
func (o *Order) CancelUnpaid(invoiceID string, now time.Time) error {
	if err := o.Invoice(invoiceID, now); err != nil {
		return err
	}
	if o.state.Status == Ready {
		o.raise(OrderCancelRequested{StatusBefore: Ready, Cause: InvoiceCanceled}, now)
	}
	return nil
}

// ConfirmCancel makes an order canceled of which everything was given back. Any order that isn't waiting for that stays as it is.
func (o *Order) ConfirmCancel(now time.Time) {
	if o.awaitsCancel() {
		o.raise(OrderCanceled{}, now)
	}
}

// RefuseCancel lets an order go on as what it was that its customer wanted canceled. One that a bot took further meanwhile, that isn't
// canceling, or that is canceling for another cause, stays as it is.
func (o *Order) RefuseCancel(reason string, now time.Time) {
	if o.state.Status == Canceling && o.cause == ByCustomer {
		o.raise(OrderCancelRefused{Reason: reason}, now)
	}
}

// awaitsCancel reports whether the order still can become canceled. That is when it is canceling; and when a bot got its list before the
// cancel came through and gave it up again. Then the news of the bot may arrive while the order is canceling and take it to in progress,
// but the confirmed cancel is what counts, whichever of the two comes first.
func (o *Order) awaitsCancel() bool {
	return o.state.Status == Canceling || o.state.Status == InProgress && o.canceledFrom != ""
}
