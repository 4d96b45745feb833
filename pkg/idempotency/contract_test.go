package idempotency_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// The contract of the tests, made here so that they need no generated code:
//
//	package mallbots.idempotencytest.v1;
//	message Put { string name = 1; optional string request_id = 2; }
//	message Thing { string name = 1; }
//	service ThingService { rpc PutThing(Put) returns (Thing); rpc DropThing(Put) returns (Thing); rpc GetThing(Thing) returns (Thing); }
const (
	pkg     = "mallbots.idempotencytest.v1"
	service = pkg + ".ThingService"
)

var file = buildFile()

func buildFile() protoreflect.FileDescriptor {
	text := func(name string, number int32) *descriptorpb.FieldDescriptorProto {
		return &descriptorpb.FieldDescriptorProto{
			Name: &name, Number: &number, Type: descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum(),
			Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
		}
	}
	method := func(name, input string) *descriptorpb.MethodDescriptorProto {
		return &descriptorpb.MethodDescriptorProto{Name: &name, InputType: proto.String("." + pkg + "." + input), OutputType: proto.String("." + pkg + ".Thing")}
	}
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("mallbots/idempotencytest/v1/test.proto"), Package: proto.String(pkg), Syntax: proto.String("proto3"),
		MessageType: []*descriptorpb.DescriptorProto{
			{Name: proto.String("Put"), Field: []*descriptorpb.FieldDescriptorProto{text("name", 1), text("request_id", 2)}},
			{Name: proto.String("Thing"), Field: []*descriptorpb.FieldDescriptorProto{text("name", 1)}},
		},
		Service: []*descriptorpb.ServiceDescriptorProto{{Name: proto.String("ThingService"), Method: []*descriptorpb.MethodDescriptorProto{
			method("PutThing", "Put"), method("DropThing", "Put"), method("GetThing", "Thing"),
		}}},
	}, protoregistry.GlobalFiles)
	if err != nil {
		panic(err)
	}
	if err := protoregistry.GlobalFiles.RegisterFile(file); err != nil {
		panic(err)
	}
	if err := protoregistry.GlobalTypes.RegisterMessage(dynamicpb.NewMessageType(file.Messages().ByName("Thing"))); err != nil {
		panic(err)
	}
	return file
}

// put is a request, as generated code would have it.
type put struct{ *dynamicpb.Message }

func (p put) GetRequestId() string { return get(p, "request_id") } //nolint:revive // as generated

func get(m proto.Message, field protoreflect.Name) string {
	return m.ProtoReflect().Get(m.ProtoReflect().Descriptor().Fields().ByName(field)).String()
}

func newPut(name, requestID string) put {
	p := put{dynamicpb.NewMessage(file.Messages().ByName("Put"))}
	p.Set(p.Descriptor().Fields().ByName("name"), protoreflect.ValueOfString(name))
	p.Set(p.Descriptor().Fields().ByName("request_id"), protoreflect.ValueOfString(requestID))
	return p
}

func newThing(name string) proto.Message {
	m := dynamicpb.NewMessage(file.Messages().ByName("Thing"))
	m.Set(m.Descriptor().Fields().ByName("name"), protoreflect.ValueOfString(name))
	return m
}

// method is what a server does for a request.
type method func(ctx context.Context, name string) (proto.Message, error)

// calls is a grpc.ServiceRegistrar that calls what is registered, without a server.
type calls map[string]grpc.MethodDesc

// RegisterService implements grpc.ServiceRegistrar.
func (c calls) RegisterService(desc *grpc.ServiceDesc, _ any) {
	for _, m := range desc.Methods {
		c[m.MethodName] = m
	}
}

// desc describes a service of which each method is done by do.
func desc(do method) *grpc.ServiceDesc {
	d := &grpc.ServiceDesc{ServiceName: service, HandlerType: (*any)(nil)}
	for _, name := range []string{"PutThing", "DropThing", "GetThing", "NotInTheContract"} {
		d.Methods = append(d.Methods, grpc.MethodDesc{MethodName: name, Handler: func(
			srv any, ctx context.Context, dec func(any) error, interceptor grpc.UnaryServerInterceptor,
		) (any, error) {
			var req any
			if err := dec(&req); err != nil {
				return nil, err
			}
			handle := func(ctx context.Context, req any) (any, error) { return do(ctx, get(req.(proto.Message), "name")) }
			if interceptor == nil {
				return handle(ctx, req)
			}
			return interceptor(ctx, req, &grpc.UnaryServerInfo{Server: srv, FullMethod: "/" + service + "/" + name}, handle)
		}})
	}
	return d
}

// call calls a method as a server with one interceptor does, and gives the name of the thing that it answers.
func (c calls) call(ctx context.Context, t *testing.T, method string, req proto.Message, outer grpc.UnaryServerInterceptor) (string, error) {
	t.Helper()
	registered, ok := c[method]
	require.True(t, ok)
	resp, err := registered.Handler(nil, ctx, decode(req), outer)
	if err != nil {
		return "", err
	}
	return get(resp.(proto.Message), "name"), nil
}

// decode stands for what reads a request from the wire.
func decode(req proto.Message) func(into any) error {
	return func(into any) error {
		*into.(*any) = req
		return nil
	}
}
