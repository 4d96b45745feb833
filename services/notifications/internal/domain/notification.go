// Package domain holds the rules about notifications. It does no I/O.
package domain

import (
	"time"

	"mallbots.example/pkg/aggregate"
	"mallbots.example/pkg/fault"
)

// Kind is what a notification tells. It is stored: its values never change.
type Kind string

// The kinds. An order has one notification of each at the most.
const (
	OrderReceived Kind = "order_received"
	OrderReady    Kind = "order_ready"
	OrderCanceled Kind = "order_canceled"
	OrderRejected Kind = "order_rejected"
)

// Kinds are all of them.
func Kinds() []Kind { return []Kind{OrderReceived, OrderReady, OrderCanceled, OrderRejected} }

// ErrNotFailed refuses to send again what is on its way, or has arrived.
var ErrNotFailed = fault.Refuse("NOTIFICATION_NOT_FAILED", "the notification is queued or sent")

// NotFound says that there is no such notification.
func NotFound(id string) error {
	return fault.Missing("NOTIFICATION_NOT_FOUND", "there is no notification %s", id)
}

// CustomerNotFound says that there is nobody to send a notification to.
func CustomerNotFound(id string) error {
	return fault.Missing("CUSTOMER_NOT_FOUND", "there is no customer %s", id)
}

// Status is where a notification stands: queued → sent | failed; failed → queued when somebody asks for it. It is stored: its values never
// change.
type Status string

// The statuses.
const (
	Queued Status = "queued"
	Sent   Status = "sent"
	Failed Status = "failed"
)

// Event is what can happen to a notification.
type Event string

// The events.
const (
	Written   Event = "written"
	Tried     Event = "tried"
	Delivered Event = "delivered"
	Missed    Event = "missed"
	GivenUp   Event = "given up"
	Retried   Event = "retried"
)

// Why a notification failed, where the carrier has not said so. For operators.
const (
	FailureUnknownCustomer = "the customer is not known"
	FailureNoOutcome       = "the last attempt was begun and its outcome never seen"
)

const (
	// MaxAttempts to send a notification take about a day with the pauses between them: an outage of a carrier over night, or until
	// somebody sees to it, costs nobody a message. Where an order lies is news for as long.
	MaxAttempts = 100
	// firstPause is long enough for a carrier that was restarted, longestPause short enough to notice that one is back.
	firstPause   = 5 * time.Second
	longestPause = 15 * time.Minute
	// LongestAsked bounds the pause that a carrier may ask for: one that is mistaken by a day costs an hour.
	LongestAsked = time.Hour
	// InHand is how long a notification that somebody sends is left alone by the others. Only a process that died takes longer.
	InHand = time.Minute
)

// State is what is known of a notification.
type State struct {
	CustomerID, OrderID string
	Kind                Kind
	SmsNumber           string // E.164; empty while it is not known
	Text                string
	Status              Status
	Attempts            int32
	DueAt               time.Time // when to try (again); of no meaning once it is sent or failed
	SentAt              time.Time // zero unless sent
	Failure             string    // why the last attempt failed; for operators
}

// Notification is a message to a customer about an order.
type Notification struct {
	aggregate.Root[Event]
	state State
}

// Write makes the notification of an order. Without a number it has failed from the start: there is nobody to send it to.
func Write(id string, kind Kind, order Order, smsNumber string, now time.Time) (*Notification, error) {
	if order.ID == "" {
		return nil, fault.BadField("order_id", "must not be empty")
	}
	text, ok := textOf(kind, order)
	if !ok {
		return nil, fault.BadField("kind", "is none of a notification")
	}
	n := &Notification{Root: aggregate.New[Event](id), state: State{
		CustomerID: order.CustomerID, OrderID: order.ID, Kind: kind, SmsNumber: smsNumber, Text: text, Status: Queued, DueAt: now,
	}}
	if smsNumber == "" {
		n.giveUp(FailureUnknownCustomer, now)
	} else {
		n.Record(Written, now)
	}
	return n, nil
}

// Restore gives the notification that was stored.
func Restore(meta aggregate.Meta, state State) *Notification {
	return &Notification{Root: aggregate.Restored[Event](meta), state: state}
}

// State is what is known of the notification now.
func (n *Notification) State() State { return n.state }

// Try begins an attempt and reports whether there is one to be made: not of a notification that is sent or failed, and not beyond
// MaxAttempts, of which the last one's process died. Whoever began it has InHand for it.
func (n *Notification) Try(now time.Time) bool {
	switch {
	case n.state.Status != Queued:
		return false
	case n.state.Attempts >= MaxAttempts:
		n.giveUp(FailureNoOutcome, now)
		return false
	}
	n.state.Attempts++
	n.state.DueAt = now.Add(InHand)
	n.Record(Tried, now)
	return true
}

// Deliver says that the carrier has taken it. One that is sent or failed stays as it is.
func (n *Notification) Deliver(now time.Time) {
	if n.state.Status != Queued {
		return
	}
	n.state.Status, n.state.SentAt, n.state.Failure = Sent, now, ""
	n.Record(Delivered, now)
}

// Miss says that the attempt failed, and that another may succeed: not sooner than the carrier asked for, if it did. It is made after a
// pause, unless this was the last. One that is sent or failed stays as it is.
func (n *Notification) Miss(failure string, asked time.Duration, now time.Time) {
	switch {
	case n.state.Status != Queued:
	case n.state.Attempts >= MaxAttempts:
		n.giveUp(failure, now)
	default:
		pause := max(Pause(n.state.Attempts), min(asked, LongestAsked))
		n.state.Failure, n.state.DueAt = failure, now.Add(pause)
		n.Record(Missed, now)
	}
}

// Refuse says that the carrier will never take it. One that is sent or failed stays as it is.
func (n *Notification) Refuse(failure string, now time.Time) {
	if n.state.Status == Queued {
		n.giveUp(failure, now)
	}
}

// Retry queues a notification that has failed, as if it were new: whoever asks for it has seen to the reason. It goes to the number that
// the customer has now.
func (n *Notification) Retry(smsNumber string, now time.Time) error {
	switch {
	case smsNumber == "":
		return CustomerNotFound(n.state.CustomerID)
	case n.state.Status != Failed:
		return ErrNotFailed
	}
	n.state.Status, n.state.Attempts, n.state.DueAt, n.state.Failure = Queued, 0, now, ""
	n.state.SmsNumber = smsNumber
	n.Record(Retried, now)
	return nil
}

func (n *Notification) giveUp(failure string, now time.Time) {
	n.state.Status, n.state.Failure = Failed, failure
	n.Record(GivenUp, now)
}

// Pause before the attempt that follows the given number of them: it doubles each time.
func Pause(attempts int32) time.Duration {
	pause := firstPause
	for range attempts - 1 {
		pause = min(2*pause, longestPause)
	}
	return pause
}
