package steps

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	storesv1 "mallbots.example/api/mallbots/stores/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
)

func (w *world) apiSteps() {
	w.step(`^(\w+/\w+) is called for something that does not exist$`, w.callUnknown)
	w.step(`^(\w+/\w+) is called with the (\S+) "([^"]*)"$`, w.callWith)
	w.step(`^the answer is (\w+) because of (\w+)$`, w.answerIs)
	w.step(`^the answer is (\w+) because of (\w+) and names the field "([^"]*)"$`, w.answerNames)
	w.step(`^the store "([^"]*)" has version (\d+)$`, w.storeHasVersion)
}

// call is the last call of a feature about the API, and how it ended.
type call struct {
	method   string // such as Stores/GetStore
	request  proto.Message
	response proto.Message
	repeated proto.Message // the second answer to the same request
	err      error
}

// descriptor finds an RPC by its short name, such as Stores/GetStore.
func descriptor(method string) (protoreflect.MethodDescriptor, error) {
	service, name, _ := strings.Cut(method, "/")
	full := protoreflect.FullName("mallbots." + strings.ToLower(service) + ".v1." + service + "Service")
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(full.Append(protoreflect.Name(name)))
	if err != nil {
		return nil, fmt.Errorf("the mall has no %s: %w", method, err)
	}
	return found.(protoreflect.MethodDescriptor), nil // a child of a service is a method
}

func newMessage(of protoreflect.MessageDescriptor) (proto.Message, error) {
	found, err := protoregistry.GlobalTypes.FindMessageByName(of.FullName())
	if err != nil {
		return nil, err
	}
	return found.New().Interface(), nil
}

// invoke calls any RPC that answers once.
func (w *world) invoke(ctx context.Context, method string, request proto.Message) (proto.Message, error) {
	rpc, err := descriptor(method)
	if err != nil {
		return nil, err
	}
	response, err := newMessage(rpc.Output())
	if err != nil {
		return nil, err
	}
	return response, w.conn.Invoke(ctx, "/"+string(rpc.Parent().FullName())+"/"+string(rpc.Name()), request, response)
}

// wellFormed makes a request that breaks no rule of its fields, about things that do not exist.
func wellFormed(method string) (proto.Message, error) {
	rpc, err := descriptor(method)
	if err != nil {
		return nil, err
	}
	request, err := newMessage(rpc.Input())
	if err != nil {
		return nil, err
	}
	m := request.ProtoReflect()
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		switch field := fields.Get(i); {
		case field.IsList() || field.HasPresence() && field.Kind() != protoreflect.MessageKind:
			// filters, request_id and stock may stay away
		case strings.HasSuffix(string(field.Name()), "id"):
			m.Set(field, protoreflect.ValueOfString(uuid.NewString()))
		case field.Name() == "sms_number":
			m.Set(field, protoreflect.ValueOfString(anyNumber))
		case field.Name() == "name" || field.Name() == "location":
			m.Set(field, protoreflect.ValueOfString("Tinker"))
		case field.Name() == "quantity":
			m.Set(field, protoreflect.ValueOfInt32(1))
		case field.Name() == "delta":
			m.Set(field, protoreflect.ValueOfInt64(1))
		case field.Name() == "price" || field.Name() == "amount":
			m.Set(field, protoreflect.ValueOfMessage((&typev1.Money{CurrencyCode: currency, MinorUnits: 1}).ProtoReflect()))
		}
	}
	return request, nil
}

func (w *world) callUnknown(ctx context.Context, method string) error {
	request, err := wellFormed(method)
	if err != nil {
		return err
	}
	w.call = call{method: method, request: request}
	w.call.response, w.call.err = w.invoke(ctx, method, request)
	return nil
}

func (w *world) callWith(ctx context.Context, method, path, value string) error {
	request, err := wellFormed(method)
	if err != nil {
		return err
	}
	if err := set(request.ProtoReflect(), strings.Split(path, "."), value); err != nil {
		return err
	}
	w.call = call{method: method, request: request}
	w.call.response, w.call.err = w.invoke(ctx, method, request)
	return nil
}

// set gives a field, perhaps one of a message within, a value.
func set(m protoreflect.Message, path []string, value string) error {
	field := m.Descriptor().Fields().ByName(protoreflect.Name(path[0]))
	if field == nil {
		return fmt.Errorf("%s has no field %s", m.Descriptor().Name(), path[0])
	}
	if len(path) > 1 {
		return set(m.Mutable(field).Message(), path[1:], value)
	}
	if field.Kind() == protoreflect.StringKind {
		m.Set(field, protoreflect.ValueOfString(value))
		return nil
	}
	number, err := strconv.ParseInt(value, 10, 32)
	if err != nil {
		return err
	}
	switch field.Kind() {
	case protoreflect.EnumKind:
		m.Set(field, protoreflect.ValueOfEnum(protoreflect.EnumNumber(number)))
	case protoreflect.Int32Kind:
		m.Set(field, protoreflect.ValueOfInt32(int32(number)))
	case protoreflect.Int64Kind:
		m.Set(field, protoreflect.ValueOfInt64(number))
	default:
		return fmt.Errorf("the features set no field such as %s", field.FullName())
	}
	return nil
}

func (w *world) answerIs(code, reason string) error {
	got, _ := told(w.call.err)
	if got.code.String() != code || got.reason != reason {
		return fmt.Errorf("the answer is %s because of %s: %w", got.code, got.reason, w.call.err)
	}
	return nil
}

func (w *world) answerNames(code, reason, field string) error {
	if err := w.answerIs(code, reason); err != nil {
		return err
	}
	if _, fields := told(w.call.err); !slices.Contains(fields, field) {
		return fmt.Errorf("the answer names the fields %v", fields)
	}
	return nil
}

func (w *world) storeHasVersion(ctx context.Context, name string, version int64) error {
	id, err := w.store(name)
	if err != nil {
		return err
	}
	resp, err := w.stores.GetStore(ctx, &storesv1.GetStoreRequest{Id: id})
	if err != nil {
		return err
	}
	store := resp.GetStore()
	if created, updated := store.GetCreateTime().AsTime(), store.GetUpdateTime().AsTime(); updated.After(created) != (version > 1) {
		return fmt.Errorf("made %s, changed %s", created, updated)
	}
	if store.GetVersion() != version {
		return fmt.Errorf("it has version %d", store.GetVersion())
	}
	return nil
}
