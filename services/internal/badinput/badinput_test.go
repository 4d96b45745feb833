// Package badinput_test gives every RPC of the mall every kind of bad input that its contract names, one field at a time.
package badinput_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	typev1 "mallbots.example/api/mallbots/type/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/rpc"
	"mallbots.example/services/mallbots/mall"
)

// methods are all RPCs of the mall.
func methods() []protoreflect.MethodDescriptor {
	var all []protoreflect.MethodDescriptor
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if strings.HasPrefix(string(file.Package()), "mallbots.") {
			for i := range file.Services().Len() {
				for j := range file.Services().Get(i).Methods().Len() {
					all = append(all, file.Services().Get(i).Methods().Get(j))
				}
			}
		}
		return true
	})
	return all
}

// rules are what the contract says of a field.
func rules(t *testing.T, field protoreflect.FieldDescriptor) *validate.FieldRules {
	t.Helper()
	r, err := protovalidate.ResolveFieldRules(field)
	require.NoError(t, err)
	if r == nil {
		r = &validate.FieldRules{}
	}
	return r
}

// valid is a request that keeps all rules, and names nothing that exists.
func valid(t *testing.T, message protoreflect.MessageDescriptor) proto.Message {
	t.Helper()
	kind, err := protoregistry.GlobalTypes.FindMessageByName(message.FullName())
	require.NoError(t, err)
	m := kind.New()
	for i := range message.Fields().Len() {
		field := message.Fields().Get(i)
		if field.IsList() || field.HasOptionalKeyword() || field.Name() == "page_token" {
			continue
		}
		if value, ok := sample(t, field); ok {
			m.Set(field, value)
		}
	}
	require.NoError(t, protovalidate.Validate(m.Interface()), "%v", m)
	return m.Interface()
}

// sample is a value that keeps the rules of a field.
func sample(t *testing.T, field protoreflect.FieldDescriptor) (protoreflect.Value, bool) {
	r := rules(t, field)
	switch field.Kind() {
	case protoreflect.StringKind:
		switch {
		case r.GetString().GetUuid():
			return protoreflect.ValueOfString(id.UUIDv7()), true
		case strings.HasPrefix(r.GetString().GetPattern(), `^\+`):
			return protoreflect.ValueOfString("+12025550123"), true
		case r.GetString().GetPattern() != "":
			return protoreflect.ValueOfString("USD"), true
		}
		return protoreflect.ValueOfString("something"), true
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(max(r.GetInt32().GetGte(), 1)), true
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(max(r.GetInt64().GetGte(), 1)), true
	case protoreflect.MessageKind:
		if r.GetRequired() {
			return protoreflect.ValueOfMessage(valid(t, field.Message()).ProtoReflect()), true
		}
	default:
	}
	return protoreflect.Value{}, false
}

// broken is a request with one broken field.
type broken struct {
	field, how string
	message    proto.Message
}

// breakEach gives a request for each way to break each field of base.
func breakEach(t *testing.T, base proto.Message) []broken {
	t.Helper()
	var all []broken
	fields := base.ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		with := func(how string, change func(m protoreflect.Message)) {
			m := proto.Clone(base)
			change(m.ProtoReflect())
			all = append(all, broken{field: string(field.Name()), how: how, message: m})
		}
		r := rules(t, field)
		if field.IsList() {
			breakList(field, r.GetRepeated(), with)
			continue
		}
		for how, value := range wrong(field, r) {
			with(how, func(m protoreflect.Message) { m.Set(field, value) })
		}
		if r.GetRequired() {
			with("missing", func(m protoreflect.Message) { m.Clear(field) })
		}
		if field.Message() != nil && base.ProtoReflect().Has(field) {
			for _, inner := range breakEach(t, base.ProtoReflect().Get(field).Message().Interface()) {
				with(inner.field+" "+inner.how, func(m protoreflect.Message) {
					m.Set(field, protoreflect.ValueOfMessage(inner.message.ProtoReflect()))
				})
			}
		}
	}
	return all
}

// breakList breaks a repeated field of ids: too many of them, or one that is none.
func breakList(field protoreflect.FieldDescriptor, r *validate.RepeatedRules, with func(how string, change func(m protoreflect.Message))) {
	if most := r.GetMaxItems(); most > 0 {
		with("too many", func(m protoreflect.Message) {
			for range most + 1 {
				m.Mutable(field).List().Append(protoreflect.ValueOfString(id.UUIDv7()))
			}
		})
	}
	if r.GetItems().GetString().GetUuid() {
		with("not an id", func(m protoreflect.Message) { m.Mutable(field).List().Append(protoreflect.ValueOfString("42")) })
	}
}

// wrong are values that break the rules of a field, by how they do.
func wrong(field protoreflect.FieldDescriptor, r *validate.FieldRules) map[string]protoreflect.Value {
	values := map[string]protoreflect.Value{}
	text := func(how, value string) { values[how] = protoreflect.ValueOfString(value) }
	mayBeEmpty := r.GetIgnore() == validate.Ignore_IGNORE_IF_ZERO_VALUE
	switch field.Kind() {
	case protoreflect.StringKind:
		s := r.GetString()
		if s.GetUuid() {
			text("not an id", "42")
		}
		if s.GetPattern() != "" {
			text("of the wrong form", "?")
		}
		if (s.GetUuid() || s.GetPattern() != "") && !mayBeEmpty {
			text("empty", "")
		}
		if notBlank, _ := proto.GetExtension(s, typev1.E_NotBlank).(bool); notBlank {
			text("empty", "")
			text("blank", " \t\u00a0")
		}
		if s.GetMaxLen() > 0 {
			text("too long", strings.Repeat("a", int(s.GetMaxLen())+1))
		}
		if field.Name() == "page_token" {
			text("of another call", "AQIDBAUGBwg")
		}
	case protoreflect.Int32Kind:
		if i := r.GetInt32(); i != nil && i.GetGreaterThan() != nil {
			values["too small"] = protoreflect.ValueOfInt32(i.GetGte() - 1)
			values["too large"] = protoreflect.ValueOfInt32(i.GetLte() + 1)
		}
	case protoreflect.Int64Kind:
		if i := r.GetInt64(); i != nil && i.GetGreaterThan() != nil {
			values["too small"] = protoreflect.ValueOfInt64(i.GetGte() - 1)
			values["too large"] = protoreflect.ValueOfInt64(i.GetLte() + 1)
		}
	case protoreflect.EnumKind:
		values["unknown"] = protoreflect.ValueOfEnum(math.MaxInt16)
	default:
	}
	return values
}

// call calls an RPC of any kind and gives how it ended.
func call(t *testing.T, conn grpc.ClientConnInterface, method protoreflect.MethodDescriptor, request proto.Message) error {
	t.Helper()
	name := fmt.Sprintf("/%s/%s", method.Parent().FullName(), method.Name())
	kind, err := protoregistry.GlobalTypes.FindMessageByName(method.Output().FullName())
	require.NoError(t, err)
	if !method.IsStreamingServer() {
		return conn.Invoke(t.Context(), name, request, kind.New().Interface())
	}
	stream, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true}, name)
	require.NoError(t, err)
	if err := stream.SendMsg(request); err != nil {
		return err
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	return stream.RecvMsg(kind.New().Interface())
}

func TestEveryBrokenFieldOfEveryRPCIsNamed(t *testing.T) {
	addr, stop, err := mall.Embedded(t.Context(), nil, nil)
	require.NoError(t, err)
	defer func() { require.NoError(t, stop()) }()
	conn, err := rpc.Dial(addr, rpc.ClientConfig{})
	require.NoError(t, err)
	defer conn.Close()

	tried := 0
	for _, method := range methods() {
		t.Run(string(method.FullName()), func(t *testing.T) {
			for _, b := range breakEach(t, valid(t, method.Input())) {
				err := call(t, conn, method, b.message)
				refusal, ok := fault.As(rpc.FromStatus(err))
				require.True(t, ok, "%s %s: %v", b.field, b.how, err)
				require.Equal(t, fault.Invalid, refusal.Kind, "%s %s: %v", b.field, b.how, err)
				require.NotEmpty(t, refusal.Fields, "%s %s: %v", b.field, b.how, err)
				require.Regexp(t, "^"+b.field+`($|[.\[])`, refusal.Fields[0].Name, "%s %s", b.field, b.how)
				tried++
			}
		})
	}
	t.Logf("%d broken requests were refused by name", tried)
	require.Greater(t, tried, 200, "the table has rows")
}

// What keeps all rules but names nothing that exists is not found, or finds nothing; it is never an accident.
func TestWhatDoesNotExistIsNoAccident(t *testing.T) {
	addr, stop, err := mall.Embedded(t.Context(), []string{"MALLBOTS_BOTS_COUNT=0"}, nil)
	require.NoError(t, err)
	defer func() { require.NoError(t, stop()) }()
	conn, err := rpc.Dial(addr, rpc.ClientConfig{})
	require.NoError(t, err)
	defer conn.Close()
	for _, method := range methods() {
		if method.IsStreamingServer() {
			continue // they wait for what does not exist yet
		}
		t.Run(string(method.FullName()), func(t *testing.T) {
			err := call(t, conn, method, valid(t, method.Input()))
			if err == nil {
				return
			}
			refusal, ok := fault.As(rpc.FromStatus(err))
			require.True(t, ok, "%v", err)
			require.Equal(t, fault.NotFound, refusal.Kind, "%v", err)
		})
	}
}
