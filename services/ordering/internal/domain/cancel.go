package domain

import "time"

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
	o.raise(OrderCancelRequested{StatusBefore: o.state.Status}, now)
	return nil
}

// ConfirmCancel makes an order canceled of which everything was given back. Any order that isn't waiting for that stays as it is.
func (o *Order) ConfirmCancel(now time.Time) {
	if o.awaitsCancel() {
		o.raise(OrderCanceled{}, now)
	}
}

// RefuseCancel lets a canceling order go on as what it was. One that a bot took further meanwhile, or that isn't canceling, stays as it is.
func (o *Order) RefuseCancel(reason string, now time.Time) {
	if o.state.Status == Canceling {
		o.raise(OrderCancelRefused{Reason: reason}, now)
	}
}

// awaitsCancel reports whether the order still can become canceled. That is when it is canceling; and when a bot got its list before the
// cancel came through and gave it up again (the list was canceled at the depot). Then the news of the bot may arrive while the order is
// canceling and take it to in progress, but the confirmed cancel is what counts, whichever of the two comes first.
func (o *Order) awaitsCancel() bool {
	return o.state.Status == Canceling || o.state.Status == InProgress && o.canceledFrom != ""
}
