package rpc

import (
	"context"
	"testing"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
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
//	package mallbots.rpctest.v1;
//	message Price { int64 minor_units = 1 [(buf.validate.field).int64.gte = 0]; }
//	message Thing { string name = 1 [(buf.validate.field).string.min_len = 1]; Price price = 2; int32 page_size = 3; string page_token = 4; }
//	service ThingService {
//	  rpc GetThing(Thing) returns (Thing); rpc CreateThing(Thing) returns (Thing); rpc WatchThing(Thing) returns (stream Thing);
//	}
const (
	getThing    = "/mallbots.rpctest.v1.ThingService/GetThing"
	createThing = "/mallbots.rpctest.v1.ThingService/CreateThing"
	watchThing  = "/mallbots.rpctest.v1.ThingService/WatchThing"
)

var thingFile = buildThingFile()

func buildThingFile() protoreflect.FileDescriptor {
	field := func(name string, number int32, kind descriptorpb.FieldDescriptorProto_Type, rules *validate.FieldRules) *descriptorpb.FieldDescriptorProto {
		f := &descriptorpb.FieldDescriptorProto{
			Name: &name, Number: &number, Type: &kind, Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
		}
		if rules != nil {
			f.Options = &descriptorpb.FieldOptions{}
			proto.SetExtension(f.Options, validate.E_Field, rules)
		}
		if kind == descriptorpb.FieldDescriptorProto_TYPE_MESSAGE {
			f.TypeName = proto.String(".mallbots.rpctest.v1.Price")
		}
		return f
	}
	method := func(name string, stream bool) *descriptorpb.MethodDescriptorProto {
		thing := proto.String(".mallbots.rpctest.v1.Thing")
		return &descriptorpb.MethodDescriptorProto{Name: &name, InputType: thing, OutputType: thing, ServerStreaming: &stream}
	}
	notNegative := validate.FieldRules_builder{Int64: validate.Int64Rules_builder{Gte: proto.Int64(0)}.Build()}.Build()
	notEmpty := validate.FieldRules_builder{String: validate.StringRules_builder{MinLen: proto.Uint64(1)}.Build()}.Build()
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("mallbots/rpctest/v1/rpctest.proto"), Package: proto.String("mallbots.rpctest.v1"), Syntax: proto.String("proto3"),
		Dependency: []string{validate.File_buf_validate_validate_proto.Path()},
		MessageType: []*descriptorpb.DescriptorProto{
			{Name: proto.String("Price"), Field: []*descriptorpb.FieldDescriptorProto{
				field("minor_units", 1, descriptorpb.FieldDescriptorProto_TYPE_INT64, notNegative),
			}},
			{Name: proto.String("Thing"), Field: []*descriptorpb.FieldDescriptorProto{
				field("name", 1, descriptorpb.FieldDescriptorProto_TYPE_STRING, notEmpty),
				field("price", 2, descriptorpb.FieldDescriptorProto_TYPE_MESSAGE, nil),
				field("page_size", 3, descriptorpb.FieldDescriptorProto_TYPE_INT32, nil),
				field("page_token", 4, descriptorpb.FieldDescriptorProto_TYPE_STRING, nil),
			}},
		},
		Service: []*descriptorpb.ServiceDescriptorProto{{Name: proto.String("ThingService"), Method: []*descriptorpb.MethodDescriptorProto{
			method("GetThing", false), method("CreateThing", false), method("WatchThing", true),
		}}},
	}, protoregistry.GlobalFiles)
	if err != nil {
		panic(err)
	}
	if err := protoregistry.GlobalFiles.RegisterFile(file); err != nil {
		panic(err)
	}
	return file
}

// thing is a message of the contract. Set fields with its with… methods.
type thing struct{ *dynamicpb.Message }

func newThing(name string) thing {
	t := thing{dynamicpb.NewMessage(thingFile.Messages().ByName("Thing"))}
	t.Set(t.field("name"), protoreflect.ValueOfString(name))
	return t
}

func (t thing) field(name protoreflect.Name) protoreflect.FieldDescriptor {
	return t.Descriptor().Fields().ByName(name)
}

func (t thing) name() string { return t.Get(t.field("name")).String() }

func (t thing) withPrice(minorUnits int64) thing {
	price := dynamicpb.NewMessage(thingFile.Messages().ByName("Price"))
	price.Set(price.Descriptor().Fields().ByName("minor_units"), protoreflect.ValueOfInt64(minorUnits))
	t.Set(t.field("price"), protoreflect.ValueOfMessage(price))
	return t
}

func (t thing) withPage(size int32, token string) thing {
	t.Set(t.field("page_size"), protoreflect.ValueOfInt32(size))
	t.Set(t.field("page_token"), protoreflect.ValueOfString(token))
	return t
}

// thingService answers both unary methods with the function; WatchThing waits for the end of its context and returns its error.
type thingService func(ctx context.Context, fullMethod string, req thing) (thing, error)

func echoThing(_ context.Context, _ string, req thing) (thing, error) { return req, nil }

func (s thingService) register(r *Server) {
	unary := func(full string) grpc.MethodDesc {
		_, name, _ := splitMethod(full)
		return grpc.MethodDesc{MethodName: name, Handler: func(_ any, ctx context.Context, decode func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) {
			req := newThing("")
			if err := decode(req.Message); err != nil {
				return nil, err
			}
			return interceptor(ctx, req.Message, &grpc.UnaryServerInfo{Server: s, FullMethod: full}, func(ctx context.Context, req any) (any, error) {
				resp, err := s(ctx, full, thing{req.(*dynamicpb.Message)})
				return resp.Message, err
			})
		}}
	}
	r.RegisterService(&grpc.ServiceDesc{
		ServiceName: "mallbots.rpctest.v1.ThingService", HandlerType: (*any)(nil), Metadata: thingFile.Path(),
		Methods: []grpc.MethodDesc{unary(getThing), unary(createThing)},
		Streams: []grpc.StreamDesc{{StreamName: "WatchThing", ServerStreams: true, Handler: func(_ any, ss grpc.ServerStream) error {
			if err := ss.RecvMsg(newThing("").Message); err != nil {
				return err
			}
			<-ss.Context().Done()
			return ss.Context().Err()
		}}},
	}, s)
}

func startThings(t *testing.T, cfg ServerConfig, s thingService) *running {
	t.Helper()
	return start(t, cfg, s.register)
}

func invoke(ctx context.Context, conn grpc.ClientConnInterface, method string, req thing) (thing, error) {
	resp := newThing("")
	err := conn.Invoke(ctx, method, req.Message, resp.Message)
	return resp, err
}
