package api_test

import (
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	_ "mallbots.example/api/mallbots/notifications/v1"
	_ "mallbots.example/api/mallbots/saga/v1"
)

// What every contract must keep to, read from the descriptors, so that the next RPC or message keeps to it too.

func TestRPCs(t *testing.T) {
	if len(methods()) == 0 {
		t.Fatal("no RPCs are registered")
	}
	for name, method := range methods() {
		t.Run(name, func(t *testing.T) {
			in, out := method.Input().Fields(), method.Output().Fields()
			verb := strings.HasPrefix
			isPaged := verb(name, "List") || verb(name, "Search")
			readsOnly := method.Options().(*descriptorpb.MethodOptions).GetIdempotencyLevel() == descriptorpb.MethodOptions_NO_SIDE_EFFECTS

			if (isPaged || verb(name, "Get") || verb(name, "Watch")) && !readsOnly {
				t.Error("a read is not marked NO_SIDE_EFFECTS")
			}
			requestID := in.ByName("request_id")
			switch {
			case readsOnly && requestID != nil:
				t.Error("a read has a request_id")
			case !readsOnly && requestID == nil:
				t.Error("a change has no request_id")
			case requestID != nil && (!requestID.HasOptionalKeyword() || !rules(requestID).GetString().GetUuid()):
				t.Error("request_id is not an optional UUID")
			}
			if !readsOnly && name != "RebuildOrders" && len(resources(method.Output())) != 1 {
				t.Error("a change does not answer with the resource after it")
			}
			if verb(name, "Watch") != method.IsStreamingServer() {
				t.Error("Watch… and only Watch… streams")
			}
			if isPaged {
				if in.ByName("page_size") == nil || in.ByName("page_token") == nil || out.ByName("next_page_token") == nil {
					t.Fatal("a list has no pages")
				}
				limit := rules(in.ByName("page_size")).GetInt32()
				if !limit.HasGte() || limit.GetGte() != 0 || limit.GetLte() != 100 {
					t.Error("page_size is not limited to 0…100")
				}
			}
		})
	}
}

// A string without a limit is a way to fill the memory or the database of the service.
func TestEveryStringOfARequestIsLimited(t *testing.T) {
	for name, method := range methods() {
		for field := range fields(method.Input(), nil) {
			if field.Kind() != protoreflect.StringKind {
				continue
			}
			rule := rules(field).GetString()
			if field.IsList() {
				rule = rules(field).GetRepeated().GetItems().GetString()
				if !rules(field).GetRepeated().HasMaxItems() {
					t.Errorf("%s: %s may have any number of items", name, field.FullName())
				}
			}
			if !rule.HasMaxLen() && !rule.HasPattern() && !rule.GetUuid() {
				t.Errorf("%s: %s has no max_len, pattern or uuid", name, field.FullName())
			}
		}
	}
}

func TestEveryEventCarriesOneResource(t *testing.T) {
	for event := range messagesOf("events.proto") {
		if got := resources(event); len(got) != 1 {
			t.Errorf("%s has %d fields of a message with a version, want 1", event.FullName(), len(got))
		}
	}
}

func TestEveryCommandNamesItsOrder(t *testing.T) {
	for command := range messagesOf("commands.proto") {
		isPart := strings.HasSuffix(string(command.Name()), "Item") || strings.HasSuffix(string(command.Name()), "Result")
		if !isPart && command.Fields().ByName("order_id") == nil {
			t.Errorf("%s has no order_id", command.FullName())
		}
	}
}

func TestEveryResourceHasItsTimes(t *testing.T) {
	for file := range files() {
		for message := range all(file.Messages()) {
			if !hasVersion(message) {
				continue
			}
			for _, name := range []protoreflect.Name{"id", "create_time", "update_time"} {
				if message.Fields().ByName(name) == nil {
					t.Errorf("%s has a version and no %s", message.FullName(), name)
				}
			}
		}
	}
}

func TestEveryEnumHasAZeroThatSaysNothing(t *testing.T) {
	for file := range files() {
		for enum := range all(file.Enums()) {
			if zero := enum.Values().ByNumber(0); zero == nil || !strings.HasSuffix(string(zero.Name()), "_UNSPECIFIED") {
				t.Errorf("%s has no …_UNSPECIFIED = 0", enum.FullName())
			}
		}
	}
}

// files are the contracts: what is registered under mallbots.
func files() func(yield func(protoreflect.FileDescriptor) bool) {
	return func(yield func(protoreflect.FileDescriptor) bool) {
		protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
			return !strings.HasPrefix(string(file.Package()), "mallbots.") || yield(file)
		})
	}
}

// methods are the RPCs of all services, by name.
func methods() map[string]protoreflect.MethodDescriptor {
	found := map[string]protoreflect.MethodDescriptor{}
	for file := range files() {
		for service := range all(file.Services()) {
			for method := range all(service.Methods()) {
				name := string(method.Name())
				if _, ok := found[name]; ok { // GetOrder, of ordering and of search
					name += " of " + string(service.FullName())
				}
				found[name] = method
			}
		}
	}
	return found
}

// messagesOf are the messages of all files of one name, for example "events.proto".
func messagesOf(base string) func(yield func(protoreflect.MessageDescriptor) bool) {
	return func(yield func(protoreflect.MessageDescriptor) bool) {
		for file := range files() {
			if path.Base(file.Path()) != base {
				continue
			}
			for message := range all(file.Messages()) {
				if !yield(message) {
					return
				}
			}
		}
	}
}

// resources are the fields of a message that hold a resource: a message with a version.
func resources(message protoreflect.MessageDescriptor) []protoreflect.FieldDescriptor {
	return slices.DeleteFunc(slices.Collect(all(message.Fields())), func(field protoreflect.FieldDescriptor) bool {
		return field.IsList() || field.Message() == nil || !hasVersion(field.Message())
	})
}

func hasVersion(message protoreflect.MessageDescriptor) bool {
	version := message.Fields().ByName("version")
	return version != nil && version.Kind() == protoreflect.Int64Kind
}

// fields are the fields of a message and of the contracts' messages in it.
func fields(message protoreflect.MessageDescriptor, seen map[protoreflect.FieldDescriptor]bool) map[protoreflect.FieldDescriptor]bool {
	if seen == nil {
		seen = map[protoreflect.FieldDescriptor]bool{}
	}
	for field := range all(message.Fields()) {
		if seen[field] {
			continue
		}
		seen[field] = true
		if inner := field.Message(); inner != nil && strings.HasPrefix(string(inner.FullName()), "mallbots.") {
			maps.Copy(seen, fields(inner, seen))
		}
	}
	return seen
}

func rules(field protoreflect.FieldDescriptor) *validate.FieldRules {
	return proto.GetExtension(field.Options(), validate.E_Field).(*validate.FieldRules)
}

// all ranges over one of protoreflect's lists.
func all[T any](list interface {
	Len() int
	Get(i int) T
}) func(yield func(T) bool) {
	return func(yield func(T) bool) {
		for i := range list.Len() {
			if !yield(list.Get(i)) {
				return
			}
		}
	}
}
