package domain

import "mallbots.example/pkg/es"

// Apply implements es.Aggregate.
func (o *Order) Apply(event es.Event) {
	switch e := event.(type) {
	case OrderCreated:
		o.state = State{CustomerID: e.CustomerID, PaymentID: e.PaymentID, Items: e.Items, Total: e.Total, Status: Pending}
	case OrderApproved:
		o.state.Status, o.state.ShoppingListID = Approved, e.ShoppingListID
	case OrderRejected:
		o.state.Status, o.state.RejectReason = Rejected, e.Reason
	case OrderShoppingStarted:
		o.state.Status = InProgress
	case OrderReadied:
		o.state.Status = Ready
	case OrderInvoiced:
		o.state.InvoiceID = e.InvoiceID
	case OrderCompleted:
		o.state.Status = Completed
	case OrderCancelRequested:
		o.state.Status, o.canceledFrom, o.cause = Canceling, e.StatusBefore, e.Cause
	case OrderCancelRefused:
		// Of an order that was pending nobody can say yet whether a bot will have it: its customer may ask again.
		o.state.Status, o.canceledFrom, o.cancelRefused = o.canceledFrom, "", o.canceledFrom == Approved
	case OrderCanceled:
		o.state.Status = Canceled
	}
}

// snapshot is the stored form of an order's state; a change of it needs another SnapshotSchema.
type snapshot struct {
	State
	CanceledFrom  Status `json:"canceled_from,omitempty"`
	Cause         Cause  `json:"cause,omitempty"` // since schema 2
	CancelRefused bool   `json:"cancel_refused,omitempty"`
}

// Snapshot implements es.Snapshotter.
func (o *Order) Snapshot() any {
	return snapshot{State: o.state, CanceledFrom: o.canceledFrom, Cause: o.cause, CancelRefused: o.cancelRefused}
}

// Restore implements es.Snapshotter.
func (o *Order) Restore(decode func(into any) error) error {
	var s snapshot
	if err := decode(&s); err != nil {
		return err
	}
	o.state, o.canceledFrom, o.cause, o.cancelRefused = s.State, s.CanceledFrom, s.Cause, s.CancelRefused
	return nil
}

// SnapshotSchema implements es.Snapshotter.
func (*Order) SnapshotSchema() int { return 2 }
