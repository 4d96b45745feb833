package app

import (
	"context"
	"errors"
)

// Sms is a text message to be sent.
type Sms struct {
	// ID is that of the notification. A message whose outcome was lost with its process is sent again under the same ID: a carrier that
	// takes such a key delivers it once.
	ID string
	// To is the number, E.164.
	To   string
	Text string
}

// Sender hands messages to a carrier. It is called from several goroutines at once.
type Sender interface {
	// Send returns when the carrier has taken the message. An error means that it may be sent again, unless it is ErrUndeliverable.
	Send(ctx context.Context, sms Sms) error
}

// ErrUndeliverable says that the carrier will never take the message, as for a number that does not exist.
var ErrUndeliverable = errors.New("the message can't be delivered")
