package asyncapi

import (
	"maps"
	"slices"
)

// redis is the one transport: the wire format of watermill-redisstream.
var redis = Server{
	Host: "redis:6379", Protocol: "redis",
	Description: "Redis Streams. MALLBOTS_REDIS_URL says where.",
	RedisStreams: Entries{
		Fields: map[string]string{
			"_watermill_message_uuid": "the id of the message; copies of it have the same",
			"metadata":                "msgpack of a map from string to string: the headers",
			"payload":                 "the message in the binary form of protobuf",
		},
		Delivery: "At least once to each consumer group, which is named after its service; in no promised order. " +
			"Receivers ignore types that they do not know.",
		Retention: "An entry is trimmed some time after all groups have acknowledged it. What Redis loses, the senders' outboxes send again.",
	},
}

// headersOf names the schema of a kind's headers.
var headersOf = map[Kind]string{Events: "EventHeaders", Commands: "CommandHeaders", Replies: "ReplyHeaders"}

// headers are the schemas of the messages' metadata, in the keys of pkg/message. Those with ce- are CloudEvents 1.0 in its binary mode.
func headers() map[string]*Schema {
	text := func(description string) *Schema { return &Schema{Type: "string", Description: description} }
	always := map[string]*Schema{
		"ce-type":    text("The full name of the payload's protobuf message."),
		"ce-source":  text("The service that sent it."),
		"ce-subject": text("The id of the aggregate that it is about. Messages of one subject are handled one after the other."),
		"ce-time":    {Type: "string", Format: "date-time", Description: "When it was sent."},

		"correlation_id": text("Shared by everything that belongs together: the id of the order, or of what else the first message was about."),
	}
	sometimes := map[string]*Schema{
		"causation_id": text("The id of the message whose handling sent this one; none for what a client's call sent."),
		"traceparent":  text("W3C Trace Context."),
		"tracestate":   text("W3C Trace Context."),
		"baggage":      text("W3C Baggage."),
	}
	command := map[string]*Schema{
		"command_id": text("Names the command; sent again, it keeps it. Its reply has the same."),
		"saga":       text("The kind of saga for which the command is sent."),
		"saga_id":    text("The saga."),
		"saga_step":  text("The step of the saga."),
	}
	replyTo := map[string]*Schema{"reply_to": text("The stream on which the reply is expected.")}
	schema := func(description string, required []map[string]*Schema, optional map[string]*Schema) *Schema {
		s := &Schema{Type: "object", Description: description, Properties: maps.Clone(optional)}
		for _, properties := range required {
			for name, property := range properties {
				s.Properties[name] = property
				s.Required = append(s.Required, name)
			}
		}
		slices.Sort(s.Required)
		return s
	}
	return map[string]*Schema{
		headersOf[Events]:   schema("The headers of an event.", []map[string]*Schema{always}, sometimes),
		headersOf[Commands]: schema("The headers of a command.", []map[string]*Schema{always, command, replyTo}, sometimes),
		headersOf[Replies]:  schema("The headers of a reply.", []map[string]*Schema{always, command}, sometimes),
	}
}
