package message

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	"mallbots.example/pkg/store"
)

// Handler is what a service does with the messages of one type. Make one with OnEvent or OnCommand.
type Handler struct {
	// Type is the wire name of the messages it handles.
	Type string
	// command handlers answer with a reply; see OnCommand.
	command bool
	handle  func(ctx context.Context, tx *store.Tx, meta Meta, payload []byte) (proto.Message, error)
}

// OnEvent handles an event (or a reply) within the unit of work that also marks it as handled.
//
// An error rolls its effects back. If the database can't be reached the message waits; any other error puts it off to be tried again
// later, with backoff, and in the end into the dead letters.
func OnEvent[M proto.Message](handle func(ctx context.Context, tx *store.Tx, meta Meta, event M) error) Handler {
	return Handler{
		Type: string(typeName[M]()),
		handle: func(ctx context.Context, tx *store.Tx, meta Meta, payload []byte) (proto.Message, error) {
			event, err := decode[M](payload)
			if err != nil {
				return nil, err
			}
			return nil, handle(ctx, tx, meta, event)
		},
	}
}

// OnCommand handles a command and replies to its sender, if that named a topic for it (Meta.ReplyTo): succeeded, with the message that handle returns (which may be nil), or, when
// handle returns a *fault.Error, failed with its reason. A failed command leaves no effect but its reply. Every other error is treated as
// for OnEvent: an accident is never answered as a failure of the business.
func OnCommand[M proto.Message](handle func(ctx context.Context, tx *store.Tx, meta Meta, command M) (proto.Message, error)) Handler {
	return Handler{
		Type:    string(typeName[M]()),
		command: true,
		handle: func(ctx context.Context, tx *store.Tx, meta Meta, payload []byte) (proto.Message, error) {
			command, err := decode[M](payload)
			if err != nil {
				return nil, err
			}
			return handle(ctx, tx, meta, command)
		},
	}
}

func decode[M proto.Message](payload []byte) (M, error) {
	var zero M
	body := zero.ProtoReflect().New().Interface().(M)
	if err := proto.Unmarshal(payload, body); err != nil {
		return zero, fmt.Errorf("decoding %s: %w", typeName[M](), err)
	}
	return body, nil
}
