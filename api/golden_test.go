package api_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	depotv1 "mallbots.example/api/mallbots/depot/v1"
)

var update = flag.Bool("update", false, "write the golden files of what is new")

// Streams, outboxes and dead letters hold messages of yesterday's code, and code that is not replaced yet reads today's. So an example of
// each message, with every field set, is kept as bytes and as JSON.
//
// -update adds messages and fields that are new. It never changes what is there: that would be the break that this test is for.
func TestMessagesKeepTheirBytesAndTheirJSON(t *testing.T) {
	kept, err := filepath.Glob("testdata/*.golden")
	if err != nil {
		t.Fatal(err)
	}
	for name, example := range examples(t) {
		path := "testdata/" + name + ".golden"
		kept = slices.DeleteFunc(kept, func(k string) bool { return k == path })
		t.Run(name, func(t *testing.T) {
			switch golden, err := os.ReadFile(path); {
			case err == nil && proto.Equal(checkGolden(t, string(golden), example), example):
				return
			case err != nil && !errors.Is(err, fs.ErrNotExist):
				t.Fatal(err)
			case !*update:
				t.Fatalf("%s is missing, or lacks a new field: go test . -update", path)
			}
			if err := os.WriteFile(path, fmt.Appendf(nil, "%x\n%s\n", encode(t, example), jsonOf(t, example)), 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
	for _, path := range kept {
		t.Errorf("%s: the contracts have no such message any more", path)
	}
}

// checkGolden reads what is kept of a message, which must still mean the same, and gives it.
func checkGolden(t *testing.T, golden string, example proto.Message) proto.Message {
	t.Helper()
	digits, text, _ := strings.Cut(strings.TrimSuffix(golden, "\n"), "\n")
	stored, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	message, fromJSON := example.ProtoReflect().New().Interface(), example.ProtoReflect().New().Interface()
	if err := proto.Unmarshal(stored, message); err != nil {
		t.Fatalf("the bytes can't be read any more: %v", err)
	}
	if got := jsonOf(t, message); got != text {
		t.Fatalf("the bytes meant\n%s\nand now mean\n%s", text, got)
	}
	if got := encode(t, message); !bytes.Equal(got, stored) {
		t.Fatalf("the bytes were\n%x\nand now are\n%x", stored, got)
	}
	if err := protojson.Unmarshal([]byte(text), fromJSON); err != nil || !proto.Equal(fromJSON, message) {
		t.Fatalf("the JSON is not read as what it meant any more (%v):\n%s", err, text)
	}
	return message
}

// encode is what pkg/message does.
func encode(t *testing.T, message proto.Message) []byte {
	t.Helper()
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// jsonOf indents by itself: protojson varies its white space on purpose.
func jsonOf(t *testing.T, message proto.Message) string {
	t.Helper()
	data, err := protojson.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, data, "", "  "); err != nil {
		t.Fatal(err)
	}
	return indented.String()
}

// examples are all messages that streams carry, with every field set; of one with a oneof there is an example for each of its fields.
func examples(t *testing.T) iter.Seq2[string, proto.Message] {
	return func(yield func(string, proto.Message) bool) {
		for _, file := range []string{"events.proto", "commands.proto", "reply.proto"} {
			for message := range messagesOf(file) {
				if isPart(message) {
					continue
				}
				for _, choice := range choices(message) {
					name := string(message.FullName())
					if choice != nil {
						name += "." + string(choice.Name())
					}
					of, err := protoregistry.GlobalTypes.FindMessageByName(message.FullName())
					if err != nil {
						t.Fatal(err)
					}
					example := of.New()
					fill(example, choice)
					if !yield(name, example.Interface()) {
						return
					}
				}
			}
		}
	}
}

// isPart reports whether a message is a field of another of its file and so never sent by itself.
func isPart(message protoreflect.MessageDescriptor) bool {
	for other := range all(message.ParentFile().Messages()) {
		for field := range all(other.Fields()) {
			if field.Message() == message {
				return true
			}
		}
	}
	return false
}

// choices are the fields of the message's oneof, or nil alone.
func choices(message protoreflect.MessageDescriptor) []protoreflect.FieldDescriptor {
	for oneof := range all(message.Oneofs()) {
		if !oneof.IsSynthetic() {
			return slices.Collect(all(oneof.Fields()))
		}
	}
	return []protoreflect.FieldDescriptor{nil}
}

// fill sets every field, of a oneof the chosen one, to what follows from its name and number: a field more does not change the others.
func fill(message protoreflect.Message, choice protoreflect.FieldDescriptor) {
	for field := range all(message.Descriptor().Fields()) {
		if oneof := field.ContainingOneof(); oneof != nil && !oneof.IsSynthetic() {
			if choice == nil || choice.ContainingOneof() != oneof {
				panic(fmt.Sprintf("no examples are made of %s", oneof.FullName()))
			}
			if field != choice {
				continue
			}
		}
		if field.IsList() {
			list := message.Mutable(field).List()
			list.Append(valueOf(field, list.NewElement))
			continue
		}
		message.Set(field, valueOf(field, func() protoreflect.Value { return message.NewField(field) }))
	}
}

func valueOf(field protoreflect.FieldDescriptor, empty func() protoreflect.Value) protoreflect.Value {
	number := int64(field.Number())
	switch field.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(string(field.Name()))
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(int32(number))
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(number)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(field.Enum().Values().Get(1).Number())
	case protoreflect.MessageKind:
		if field.IsMap() {
			break // its order differs from one encoder to the next
		}
		switch name := field.Message().FullName(); {
		case name == "google.protobuf.Timestamp":
			at := time.Date(2026, 1, 2, 3, 4, int(number), 567890000, time.UTC)
			return protoreflect.ValueOfMessage(timestamppb.New(at).ProtoReflect())
		case name == "google.protobuf.Any":
			data, err := anypb.New(&depotv1.CreateShoppingListResult{ShoppingListId: "shopping_list_id"})
			if err != nil {
				panic(err)
			}
			return protoreflect.ValueOfMessage(data.ProtoReflect())
		case strings.HasPrefix(string(name), "mallbots."):
			inner := empty()
			fill(inner.Message(), nil)
			return inner
		}
	default:
	}
	panic(fmt.Sprintf("no examples are made of %s", field.FullName()))
}
