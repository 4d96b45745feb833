package redisstream

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"github.com/vmihailenco/msgpack/v5"
)

// The fields of a stream entry, as watermill-redisstream writes them.
const (
	fieldUUID     = "_watermill_message_uuid"
	fieldMetadata = "metadata" // msgpack of map[string]string, or empty
	fieldPayload  = "payload"
)

// MetadataUndecodable marks a message that stands for a stream entry which is no message: its value is the reason, the payload is a
// RawEntry in JSON. It belongs into the dead letters; no handler can do anything with it.
const MetadataUndecodable = "mallbots-undecodable"

// undecodableNamespace makes the UUID of an undecodable message a function of topic and entry id: every delivery of the entry has the
// same one, so that its dead letter is written once.
var undecodableNamespace = uuid.MustParse("5d2f7c1e-6a54-4b0e-9a31-0f2f6f2f5a77")

// RawEntry is a stream entry as Redis holds it.
type RawEntry struct {
	Topic  string     `json:"topic"`
	ID     string     `json:"id"` // "milliseconds-sequence"
	Fields []RawField `json:"fields"`
}

// RawField is one field of a RawEntry. A value that is no UTF-8 text is in Base64, because JSON would damage it; the other is empty then.
type RawField struct {
	Name   string `json:"name"`
	Text   string `json:"text,omitempty"`
	Base64 []byte `json:"base64,omitempty"`
}

// encode gives the fields of msg in one fixed order: Redis stores the names once for neighboring entries with the same fields in the
// same order.
func encode(msg *message.Message) ([]any, error) {
	metadata := []byte{}
	if len(msg.Metadata) > 0 {
		var err error
		if metadata, err = msgpack.Marshal(map[string]string(msg.Metadata)); err != nil {
			return nil, fmt.Errorf("encode metadata of message %s: %w", msg.UUID, err)
		}
	}
	return []any{fieldUUID, msg.UUID, fieldMetadata, metadata, fieldPayload, []byte(msg.Payload)}, nil
}

// decode is the reverse of encode. It accepts what a stock subscriber accepts: no payload and no metadata are empty ones.
func decode(values map[string]any) (msg *message.Message, err error) {
	// The bytes come from anyone who can write to the stream; a decoder that panics on them must not take the process along.
	defer func() {
		if p := recover(); p != nil {
			msg, err = nil, fmt.Errorf("decoding panics: %v", p)
		}
	}()

	id, ok := values[fieldUUID].(string)
	if !ok {
		return nil, fmt.Errorf("field %s is missing", fieldUUID)
	}
	payload, _ := values[fieldPayload].(string)
	msg = message.NewMessage(id, message.Payload(payload))

	if packed, _ := values[fieldMetadata].(string); packed != "" {
		metadata := map[string]string{}
		if err := msgpack.Unmarshal([]byte(packed), &metadata); err != nil {
			return nil, fmt.Errorf("field %s is not a msgpack map of strings: %w", fieldMetadata, err)
		}
		if metadata != nil { // a packed nil decodes to a nil map, which Metadata.Set can't write to
			msg.Metadata = metadata
		}
	}
	return msg, nil
}

// raw gives the entry with its fields sorted by name: go-redis keeps them in a map.
func raw(topic, id string, values map[string]any) RawEntry {
	entry := RawEntry{Topic: topic, ID: id, Fields: make([]RawField, 0, len(values))}
	for name, value := range values {
		text, _ := value.(string)
		field := RawField{Name: name, Text: text}
		if !utf8.ValidString(text) {
			field.Text, field.Base64 = "", []byte(text)
		}
		entry.Fields = append(entry.Fields, field)
	}
	slices.SortFunc(entry.Fields, func(a, b RawField) int { return cmp.Compare(a.Name, b.Name) })
	return entry
}

// undecodable gives the message that stands for an entry which can't be decoded.
func undecodable(entry RawEntry, reason error) *message.Message {
	payload, err := json.Marshal(entry)
	if err != nil { // can't be: strings and bytes only. Should it be, the dead letter still names the entry.
		payload = fmt.Appendf(nil, `{"topic":%q,"id":%q}`, entry.Topic, entry.ID)
	}
	msg := message.NewMessage(uuid.NewSHA1(undecodableNamespace, []byte(entry.Topic+"/"+entry.ID)).String(), payload)
	msg.Metadata.Set(MetadataUndecodable, reason.Error())
	return msg
}
