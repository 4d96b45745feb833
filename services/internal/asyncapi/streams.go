// Package asyncapi describes the streams of the mall as an AsyncAPI document, api/asyncapi.json, from what the contracts and the services
// themselves say: the messages from the protobuf descriptors, who receives them from what each service registers.
package asyncapi

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	sagav1 "mallbots.example/api/mallbots/saga/v1"
	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/service"
	"mallbots.example/pkg/store"
	"mallbots.example/services/internal/topics"
)

// Kind says what a stream is for. Each kind has headers of its own.
type Kind string

// The kinds of streams.
const (
	Events   Kind = "events"   // what a service tells whoever wants to know
	Commands Kind = "commands" // what an orchestrator asks of a service
	Replies  Kind = "replies"  // what became of an orchestrator's commands
)

// Stream is who says what to whom.
type Stream struct {
	Topic     string
	Kind      Kind
	Messages  []protoreflect.MessageDescriptor
	Senders   []string            // services
	Receivers map[string][]string // which types of messages a service handles
}

// Streams are all streams, by their topics. A service that handles a message of a stream which does not carry it is an error.
func Streams(services []service.Service) (map[string]*Stream, error) {
	streams := declared()
	for _, s := range services {
		consumptions, err := registered(s)
		if err != nil {
			return nil, fmt.Errorf("building %s: %w", s.Name, err)
		}
		for _, c := range consumptions {
			stream := streams[c.Topic]
			if stream == nil {
				return nil, fmt.Errorf("%s receives from %s, which is no stream of the contracts", s.Name, c.Topic)
			}
			for _, handler := range c.Handlers {
				if !stream.carries(handler.Type) {
					return nil, fmt.Errorf("%s handles %s from %s, which does not carry it", s.Name, handler.Type, c.Topic)
				}
				stream.Receivers[s.Name] = append(stream.Receivers[s.Name], handler.Type)
			}
			slices.Sort(stream.Receivers[s.Name])
		}
	}
	// Who hears the replies sent the commands, and who hears commands replies.
	replies := streams[topics.CosecReplies]
	for _, stream := range streams {
		if stream.Kind == Commands {
			stream.Senders = slices.Sorted(maps.Keys(replies.Receivers))
			replies.Senders = append(replies.Senders, slices.Sorted(maps.Keys(stream.Receivers))...)
		}
	}
	slices.Sort(replies.Senders)
	return streams, nil
}

// reply is the one message of all reply streams.
var reply = (&sagav1.CommandReply{}).ProtoReflect().Descriptor()

// declared are the streams as the contracts lay them out: a service's events.proto and commands.proto are a stream each.
func declared() map[string]*Stream {
	streams := map[string]*Stream{topics.CosecReplies: {
		Topic: topics.CosecReplies, Kind: Replies, Messages: []protoreflect.MessageDescriptor{reply}, Receivers: map[string][]string{},
	}}
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		names := strings.Split(string(file.Package()), ".") // mallbots.<service>.v1
		kind := Kind(strings.TrimSuffix(path.Base(file.Path()), ".proto"))
		if names[0] != "mallbots" || kind != Events && kind != Commands {
			return true
		}
		stream := &Stream{Topic: fmt.Sprintf("mallbots.%s.%s", names[1], kind), Kind: kind, Receivers: map[string][]string{}}
		if kind == Events {
			stream.Senders = []string{names[1]}
		}
		for i := range file.Messages().Len() {
			if message := file.Messages().Get(i); !isPart(message) {
				stream.Messages = append(stream.Messages, message)
			}
		}
		streams[stream.Topic] = stream
		return true
	})
	return streams
}

// isPart reports whether a message is only sent within another: an item of a command, or the result of one within a reply.
func isPart(message protoreflect.MessageDescriptor) bool {
	return strings.HasSuffix(string(message.Name()), "Item") || strings.HasSuffix(string(message.Name()), "Result")
}

func (s *Stream) carries(messageType string) bool {
	return slices.ContainsFunc(s.Messages, func(m protoreflect.MessageDescriptor) bool { return string(m.FullName()) == messageType })
}

// registered is what a service asks to receive when it is built. Building does no I/O, so that it needs nothing that works.
func registered(s service.Service) ([]service.Consumption, error) {
	if len(s.Schemas) == 0 {
		return nil, nil // neither sends nor receives messages
	}
	rt := &service.Runtime{
		Name: s.Name, Log: slog.New(slog.DiscardHandler), Clock: clock.System{}, IDs: id.UUIDv7, Metrics: prometheus.NewRegistry(),
		DB: &store.DB{}, Outbox: nothing{}, GRPC: grpc.NewServer(), Peer: func(string) grpc.ClientConnInterface { return nil },
	}
	err := s.Build(rt)
	return rt.Consumptions(), err
}

// nothing is the outbox of services that are built and never run.
type nothing struct{}

// Publish implements message.Publisher.
func (nothing) Publish(context.Context, *store.Tx, ...message.Outgoing) {}
