package app

import (
	"context"
	"errors"
	"time"

	"mallbots.example/services/notifications/internal/domain"
)

// Sms is a text message to be sent.
type Sms struct {
	// ID is that of the notification. A message whose outcome was lost with its process is sent again under the same ID: a carrier that
	// takes such a key delivers it once.
	ID string
	// Kind is what it tells, of which order and to which customer.
	Kind                domain.Kind
	OrderID, CustomerID string
	// To is the number, E.164. It is that of the last attempt: a customer may have changed it since the first.
	To   string
	Text string
	// CreateTime is when the notification was made.
	CreateTime time.Time
}

// Sender hands messages to a carrier. It is called from several goroutines at once, at most SideBySide.
type Sender interface {
	// Send returns when the carrier has taken the message, and soon when ctx ends. An error means that it may be sent again, unless it is
	// ErrUndeliverable; a PauseError says when. Its words are stored and logged: they have no secret and no number in them.
	Send(ctx context.Context, sms Sms) error
}

// ErrUndeliverable says that the carrier will never take the message, as for a number that does not exist.
var ErrUndeliverable = errors.New("the message can't be delivered")

// PauseError is a failure of which the carrier has said how long to leave it alone. It is, within bounds.
type PauseError struct {
	Err   error
	Pause time.Duration
}

// Error implements error.
func (e *PauseError) Error() string { return e.Err.Error() }

// Unwrap gives the failure.
func (e *PauseError) Unwrap() error { return e.Err }
