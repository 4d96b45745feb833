package asyncapi

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"mallbots.example/pkg/service"
	"mallbots.example/services/internal/topics"
)

// The document, as much of AsyncAPI 3.0.0 as it uses.
type (
	// Document is the root.
	Document struct {
		AsyncAPI           string               `json:"asyncapi"`
		Info               Info                 `json:"info"`
		DefaultContentType string               `json:"defaultContentType"`
		Servers            map[string]Server    `json:"servers"`
		Channels           map[string]Channel   `json:"channels"`
		Operations         map[string]Operation `json:"operations"`
		Components         Components           `json:"components"`
	}
	// Info says what the document is about.
	Info struct {
		Title       string `json:"title"`
		Version     string `json:"version"`
		Description string `json:"description"`
	}
	// Server is the transport.
	Server struct {
		Host         string  `json:"host"`
		Protocol     string  `json:"protocol"`
		Description  string  `json:"description"`
		RedisStreams Entries `json:"x-redis-streams"`
	}
	// Entries says what the entries of all streams look like.
	Entries struct {
		Fields    map[string]string `json:"fields"`
		Delivery  string            `json:"delivery"`
		Retention string            `json:"retention"`
	}
	// Channel is a stream.
	Channel struct {
		Address      string         `json:"address"`
		Description  string         `json:"description"`
		Messages     map[string]Ref `json:"messages"`
		RedisStreams Key            `json:"x-redis-streams"`
	}
	// Key says how a stream is found and read.
	Key struct {
		Key            string   `json:"key"`
		ConsumerGroups []string `json:"consumerGroups"`
	}
	// Operation is what one service does with one stream.
	Operation struct {
		Action   string `json:"action"`
		Channel  Ref    `json:"channel"`
		Summary  string `json:"summary"`
		Tags     []Tag  `json:"tags"`
		Messages []Ref  `json:"messages"`
		Reply    *Reply `json:"reply,omitempty"`
	}
	// Reply is where the reply to a command goes.
	Reply struct {
		Channel  Ref   `json:"channel"`
		Messages []Ref `json:"messages"`
	}
	// Tag names the service whose operation it is.
	Tag struct {
		Name string `json:"name"`
	}
	// Ref points to another part of the document.
	Ref struct {
		Ref string `json:"$ref"`
	}
	// Components is what channels refer to.
	Components struct {
		Messages       map[string]Message `json:"messages"`
		Schemas        map[string]*Schema `json:"schemas"`
		CorrelationIDs map[string]Pointer `json:"correlationIds"`
	}
	// Message is the body of a message, with the headers of its kind.
	Message struct {
		Name          string `json:"name"`
		Title         string `json:"title"`
		Summary       string `json:"summary"`
		ContentType   string `json:"contentType"`
		Headers       Ref    `json:"headers"`
		CorrelationID Ref    `json:"correlationId"`
		Payload       Ref    `json:"payload"`
		Source        string `json:"x-protobuf-file"`
	}
	// Pointer says where in a message something is.
	Pointer struct {
		Location    string `json:"location"`
		Description string `json:"description"`
	}
)

// contentType is that of every payload. Its schema is that of the same message in protobuf's JSON.
const contentType = "application/protobuf"

//go:generate go run ./generate ../../../api

// File is the document in the folder of the contracts.
const File = "asyncapi.json"

// Generate gives the document of the streams of these services as a file. contracts is the folder api.
func Generate(services []service.Service, contracts fs.FS) ([]byte, error) {
	document, err := describe(services, contracts)
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	encoder := json.NewEncoder(&file)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err = encoder.Encode(document)
	return file.Bytes(), err
}

func describe(services []service.Service, contracts fs.FS) (Document, error) {
	streams, err := Streams(services)
	if err != nil {
		return Document{}, err
	}
	found, err := readComments(contracts)
	if err != nil {
		return Document{}, err
	}
	w := schemaWriter{comments: found, made: headers()}
	d := Document{
		AsyncAPI: "3.0.0",
		Info: Info{
			Title: "MallBots", Version: "v1",
			Description: "What the services of the mall tell each other. Generated from the contracts and from what the services register; " +
				"an operation's tag is the service that sends or receives.\n\nPayloads are protobuf in its binary form. " +
				"Their schemas show the same messages in protobuf's JSON; the numbers of the fields are in x-protobuf-file, beside this document.",
		},
		DefaultContentType: contentType,
		Servers:            map[string]Server{"redis": redis},
		Channels:           map[string]Channel{},
		Operations:         map[string]Operation{},
		Components: Components{
			Messages: map[string]Message{}, Schemas: w.made,
			CorrelationIDs: map[string]Pointer{"correlation": {
				Location: "$message.header#/correlation_id", Description: "Shared by everything that belongs together: the id of the order, or of what else the first message was about.",
			}},
		},
	}
	for _, stream := range streams {
		d.add(stream, w)
	}
	return d, nil
}

func (d Document) add(s *Stream, w schemaWriter) {
	receivers := slices.Sorted(maps.Keys(s.Receivers))
	channel := Channel{
		Address: s.Topic, Description: s.describe(receivers), Messages: map[string]Ref{},
		RedisStreams: Key{Key: s.Topic, ConsumerGroups: receivers},
	}
	var types []string
	for _, message := range s.Messages {
		name := string(message.FullName())
		types = append(types, name)
		channel.Messages[string(message.Name())] = Ref{"#/components/messages/" + name}
		summary, _, _ := strings.Cut(w.comments[name], "\n")
		d.Components.Messages[name] = Message{
			Name: name, Title: string(message.Name()), Summary: summary, ContentType: contentType,
			Headers: Ref{schemas + headersOf[s.Kind]}, CorrelationID: Ref{"#/components/correlationIds/correlation"},
			Payload: Ref{w.of(message).Ref}, Source: message.ParentFile().Path(),
		}
	}
	d.Channels[s.Topic] = channel
	for _, sender := range s.Senders {
		d.operate(s, sender, "send", "sends to", types)
	}
	for _, receiver := range receivers {
		d.operate(s, receiver, "receive", "receives from", s.Receivers[receiver])
	}
}

func (d Document) operate(s *Stream, service, action, does string, types []string) {
	operation := Operation{
		Action: action, Channel: channelRef(s.Topic), Summary: service + " " + does + " " + s.Topic, Tags: []Tag{{service}},
		Messages: messageRefs(s.Topic, types),
	}
	if s.Kind == Commands {
		operation.Reply = &Reply{
			Channel: channelRef(topics.CosecReplies), Messages: messageRefs(topics.CosecReplies, []string{string(reply.FullName())}),
		}
	}
	d.Operations[service+"."+action+"."+strings.TrimPrefix(s.Topic, "mallbots.")] = operation
}

func (s *Stream) describe(receivers []string) string {
	to := strings.Join(receivers, ", ")
	if s.Kind == Events {
		return "What " + s.Senders[0] + " tells " + to + "."
	}
	if s.Kind == Commands {
		return "What " + strings.Join(s.Senders, ", ") + " asks of " + to + "."
	}
	return "What became of the commands of " + to + "."
}

func channelRef(topic string) Ref { return Ref{"#/channels/" + topic} }

// messageRefs refer to messages of a channel.
func messageRefs(topic string, types []string) []Ref {
	refs := make([]Ref, len(types))
	for i, name := range types {
		refs[i] = Ref{channelRef(topic).Ref + "/messages/" + string(protoreflect.FullName(name).Name())}
	}
	return refs
}
