// Package domain holds the rules about shopping lists and the bots that collect them. It does no I/O.
package domain

import (
	"time"

	"mallbots.example/pkg/aggregate"
	"mallbots.example/pkg/fault"
)

// Reasons for which a rule about shopping lists says no.
var (
	ErrListNotAvailable = fault.Refuse("LIST_NOT_AVAILABLE", "the shopping list is not available")
	ErrListNotAssigned  = fault.Refuse("LIST_NOT_ASSIGNED", "no bot has the shopping list")
	ErrListAssigned     = fault.Refuse("LIST_ASSIGNED", "a bot has the shopping list")
	ErrListOfOtherBot   = fault.Refuse("LIST_OF_OTHER_BOT", "this bot does not have the shopping list")
	ErrListCompleted    = fault.Refuse("LIST_COMPLETED", "the shopping list is completed")
	ErrListCanceled     = fault.Refuse("LIST_CANCELED", "the order's shopping list was canceled before it was made")
)

// ListNotFound says that there is no such shopping list.
func ListNotFound(id string) error {
	return fault.Missing("LIST_NOT_FOUND", "there is no shopping list %s", id)
}

// Status is where a shopping list stands:
//
//	pending → available → assigned → completed; any but completed → canceled
//	(none) → tombstone
//
// It is also the event: what happens to a list is that it gets there.
type Status string

// The statuses.
const (
	Pending   Status = "pending"   // its order is not approved yet
	Available Status = "available" // it waits for a bot
	Assigned  Status = "assigned"  // a bot has it
	Completed Status = "completed" // all is collected. Final
	Canceled  Status = "canceled"  // not to be collected any more. Final
	// Tombstone is no list: it stands where the order's list would be, which was canceled before it was made. Final.
	Tombstone Status = "tombstone"
)

// ListState is what is known of a shopping list.
type ListState struct {
	OrderID string
	Stops   []Stop
	// BotID is the bot that has the list, or had it when it ended. Empty before it is assigned.
	BotID  string
	Status Status
}

// ShoppingList tells a bot what to collect for an order. An order has one at most.
type ShoppingList struct {
	aggregate.Root[Status]
	state   ListState
	givenUp bool
}

// CreateShoppingList makes the list of an order. It is pending until the order is approved.
func CreateShoppingList(id, orderID string, lines []Line, now time.Time) (*ShoppingList, error) {
	if err := checkOrder(orderID); err != nil {
		return nil, err
	}
	stops, err := plan(lines)
	if err != nil {
		return nil, err
	}
	return newList(id, ListState{OrderID: orderID, Stops: stops, Status: Pending}, now), nil
}

// LeaveTombstone keeps the order from ever getting a list: its cancellation came first.
func LeaveTombstone(id, orderID string, now time.Time) (*ShoppingList, error) {
	if err := checkOrder(orderID); err != nil {
		return nil, err
	}
	return newList(id, ListState{OrderID: orderID, Status: Tombstone}, now), nil
}

func newList(id string, state ListState, now time.Time) *ShoppingList {
	l := &ShoppingList{Root: aggregate.New[Status](id), state: state}
	l.Record(state.Status, now)
	return l
}

// RestoreShoppingList gives the list that was stored.
func RestoreShoppingList(meta aggregate.Meta, state ListState) *ShoppingList {
	return &ShoppingList{Root: aggregate.Restored[Status](meta), state: state}
}

// State is what is known of the list now. Its stops must not be changed.
func (l *ShoppingList) State() ListState { return l.state }

// GivenUp reports whether the list was canceled, since it was made or loaded, by the depot itself and not for the sake of its order. It
// is news for those who keep the order, and not stored: the list is canceled either way.
func (l *ShoppingList) GivenUp() bool { return l.givenUp }

// CreatedAgain is what becomes of a second request to create the order's list: what was made once is made, whatever happened to it
// since, and a tombstone refuses.
func (l *ShoppingList) CreatedAgain() error {
	if l.state.Status == Tombstone {
		return ErrListCanceled
	}
	return nil
}

// Initiate makes the pending list of an approved order available to bots. One that is past that, or canceled, stays as it is: the saga
// that asks has nothing else to do.
func (l *ShoppingList) Initiate(now time.Time) {
	if l.state.Status == Pending {
		l.become(Available, now)
	}
}

// Complete says that this bot has collected all of the list. Said again by the same bot, it changes nothing.
func (l *ShoppingList) Complete(botID string, now time.Time) error {
	switch l.state.Status {
	case Assigned, Completed:
	default:
		return ErrListNotAssigned
	}
	if l.state.BotID != botID {
		return ErrListOfOtherBot
	}
	if l.state.Status == Assigned {
		l.become(Completed, now)
	}
	return nil
}

// Cancel gives up a list that is not completed; with a botID only if that bot has it. A canceled list stays as it is.
func (l *ShoppingList) Cancel(botID string, now time.Time) error {
	switch l.state.Status {
	case Canceled, Tombstone:
		return nil
	case Completed:
		return ErrListCompleted
	case Pending, Available, Assigned:
	}
	if botID != "" && l.state.BotID != botID {
		return ErrListOfOtherBot
	}
	l.givenUp = true
	l.become(Canceled, now)
	return nil
}

// CancelUnassigned ends a list that no bot has taken yet: an order can be canceled until then, and not after. A canceled list stays as
// it is.
func (l *ShoppingList) CancelUnassigned(now time.Time) error {
	switch l.state.Status {
	case Assigned:
		return ErrListAssigned
	case Completed:
		return ErrListCompleted
	case Pending, Available:
		l.become(Canceled, now)
	case Canceled, Tombstone:
	}
	return nil
}

// Compensate ends the list because its order does not come about. It can't be refused: a completed list, whose goods are collected,
// stays as it is.
func (l *ShoppingList) Compensate(now time.Time) {
	switch l.state.Status {
	case Pending, Available, Assigned:
		l.become(Canceled, now)
	case Completed, Canceled, Tombstone:
	}
}

func (l *ShoppingList) become(status Status, now time.Time) {
	l.state.Status = status
	l.Record(status, now)
}

func checkOrder(orderID string) error {
	if orderID == "" {
		return fault.BadField("order_id", "must not be empty")
	}
	return nil
}
