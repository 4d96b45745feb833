// Package message is how services tell each other what happened, and ask each other to act: the envelope of a message, the handlers of
// the incoming ones, and the consumer that runs them so that each message takes effect once.
//
// It promises no order. Handlers commute: they give the same result whatever order or number of copies messages come in.
package message

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"mallbots.example/pkg/store"
)

// Metadata keys on the wire. Those with ce- follow the binary content mode of CloudEvents 1.0; the id of the message is Watermill's UUID.
const (
	keyType        = "ce-type"    // full name of the protobuf message
	keySource      = "ce-source"  // the service that sent it
	keySubject     = "ce-subject" // the aggregate it is about
	keyTime        = "ce-time"    // RFC 3339, when it was sent
	keyCorrelation = "correlation_id"
	keyCausation   = "causation_id"
	keyReplyTo     = "reply_to"
	keyCommand     = "command_id"
	keySaga        = "saga"
	keySagaID      = "saga_id"
	keySagaStep    = "saga_step"
)

// Meta is what is known of a message besides its body.
type Meta struct {
	// ID is unique to the message: copies of it have the same.
	ID string
	// Type is the full name of the body's protobuf message, e.g. mallbots.ordering.v1.OrderCreated.
	Type string
	// Source is the service that sent it.
	Source string
	// Subject is the id of the aggregate that the message is about. Messages of one subject are handled one after the other.
	Subject string
	// Time is when it was sent.
	Time time.Time
	// CorrelationID is shared by everything that belongs together: what a message sets off has the message's. One that nothing caused
	// belongs to its subject, unless its sender knows better; see Outgoing.PartOf. In this mall it is the order, wherever there is one.
	CorrelationID string
	// CausationID is the id of the message whose handling sent this one; empty for a message that a client's call sent.
	CausationID string
	// ReplyTo is the topic on which a command wants its reply; empty for events.
	ReplyTo string
	// CommandID names in a command itself and in a reply the command it answers. A command sent again keeps it.
	CommandID string
	// Saga, SagaID and SagaStep name the saga's definition, the saga and the step for which a command is sent; its reply gives them back.
	Saga, SagaID, SagaStep string
	// Trace is the trace context in which it was sent.
	Trace Trace
}

// Outgoing is a message to be sent when the unit of work that made it is committed.
type Outgoing struct {
	Topic string
	Meta  Meta
	Body  proto.Message
}

// Publisher takes outgoing messages into a unit of work. pkg/outbox implements it.
type Publisher interface {
	// Publish completes each Meta (id, source, time, and from ctx what caused it) and queues the messages in tx. A message that can't be
	// encoded fails the unit of work.
	Publish(ctx context.Context, tx *store.Tx, outgoing ...Outgoing)
}

// TypeOf is the wire name of a message.
func TypeOf(body proto.Message) string { return string(body.ProtoReflect().Descriptor().FullName()) }

// Event says that something happened to the aggregate subject.
func Event(topic, subject string, body proto.Message) Outgoing {
	return Outgoing{Topic: topic, Meta: Meta{Subject: subject}, Body: body}
}

// PartOf says which piece of business the message belongs to, where that is not its subject and may not be known from its cause: a
// shopping list, whatever sets it off, is part of an order.
func (o Outgoing) PartOf(correlationID string) Outgoing {
	o.Meta.CorrelationID = correlationID
	return o
}

// Encode makes the Watermill message of an outgoing one. Its Meta must be complete.
func Encode(out Outgoing) (*message.Message, error) {
	payload, err := proto.MarshalOptions{Deterministic: true}.Marshal(out.Body)
	if err != nil {
		return nil, fmt.Errorf("encoding %s: %w", TypeOf(out.Body), err)
	}
	m := message.NewMessage(out.Meta.ID, payload)
	for key, value := range map[string]string{
		keyType: TypeOf(out.Body), keySource: out.Meta.Source, keySubject: out.Meta.Subject,
		keyTime: out.Meta.Time.UTC().Format(time.RFC3339Nano), keyCorrelation: out.Meta.CorrelationID, keyCausation: out.Meta.CausationID,
		keyReplyTo: out.Meta.ReplyTo, keyCommand: out.Meta.CommandID,
		keySaga: out.Meta.Saga, keySagaID: out.Meta.SagaID, keySagaStep: out.Meta.SagaStep,
		keyTraceParent: out.Meta.Trace.Parent, keyTraceState: out.Meta.Trace.State, keyBaggage: out.Meta.Trace.Baggage,
	} {
		if value != "" {
			m.Metadata.Set(key, value)
		}
	}
	return m, nil
}

// DecodeMeta reads the envelope of a message. What a sender left out is empty.
func DecodeMeta(m *message.Message) Meta {
	at, _ := time.Parse(time.RFC3339Nano, m.Metadata.Get(keyTime)) // information only: a broken one must not stop the message
	return Meta{
		ID: m.UUID, Type: m.Metadata.Get(keyType), Source: m.Metadata.Get(keySource), Subject: m.Metadata.Get(keySubject),
		Time: at, CorrelationID: m.Metadata.Get(keyCorrelation), CausationID: m.Metadata.Get(keyCausation),
		ReplyTo: m.Metadata.Get(keyReplyTo), CommandID: m.Metadata.Get(keyCommand),
		Saga: m.Metadata.Get(keySaga), SagaID: m.Metadata.Get(keySagaID), SagaStep: m.Metadata.Get(keySagaStep),
		Trace: Trace{Parent: m.Metadata.Get(keyTraceParent), State: m.Metadata.Get(keyTraceState), Baggage: m.Metadata.Get(keyBaggage)},
	}
}

type causeKey struct{}

// WithCause tells Publish, through the context, which message is being handled.
func WithCause(ctx context.Context, cause Meta) context.Context {
	return context.WithValue(ctx, causeKey{}, cause)
}

// Complete fills in what a sender leaves to Publish: an id where it has none, who sends it and when, in which trace, what caused it, and
// what it belongs to.
func (m Meta) Complete(ctx context.Context, id func() string, source string, now time.Time) Meta {
	if m.ID == "" {
		m.ID = id()
	}
	m.Source, m.Time, m.Trace = source, now, traceOf(ctx)
	if cause, ok := ctx.Value(causeKey{}).(Meta); ok {
		m.CausationID = cause.ID
		m.CorrelationID = cmp.Or(m.CorrelationID, cause.CorrelationID)
	}
	m.CorrelationID = cmp.Or(m.CorrelationID, m.Subject, m.ID)
	return m
}

// typeName is the wire name of the messages of a Go type.
func typeName[M proto.Message]() protoreflect.FullName {
	var m M
	return m.ProtoReflect().Descriptor().FullName()
}
