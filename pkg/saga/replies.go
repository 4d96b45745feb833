package saga

import (
	"context"

	sagav1 "mallbots.example/api/mallbots/saga/v1"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
)

// Replier is an orchestrator, whatever its data.
type Replier interface {
	Name() string
	OnReply(ctx context.Context, tx *store.Tx, meta message.Meta, reply *sagav1.CommandReply) error
}

// Replies handles a reply stream that several orchestrators share: each reply goes to the orchestrator of the saga that it names.
func Replies(orchestrators ...Replier) message.Handler { return message.OnEvent(route(orchestrators)) }

func route(orchestrators []Replier) func(context.Context, *store.Tx, message.Meta, *sagav1.CommandReply) error {
	byName := map[string]Replier{}
	for _, o := range orchestrators {
		byName[o.Name()] = o
	}
	return func(ctx context.Context, tx *store.Tx, meta message.Meta, reply *sagav1.CommandReply) error {
		if o, ok := byName[meta.Saga]; ok {
			return o.OnReply(ctx, tx, meta, reply)
		}
		for _, o := range orchestrators {
			return o.OnReply(ctx, tx, meta, reply) // not its own: it counts it as ignored
		}
		return nil
	}
}
