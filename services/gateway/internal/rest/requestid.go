package rest

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// keyHeader is how HTTP clients, and the proxies that retry for them, mark requests that are one and the same. It becomes the request_id.
const keyHeader = "Idempotency-Key"

type keyOf struct{}

// withKey remembers the header until the request is read.
func withKey(ctx context.Context, key string) context.Context {
	if key == "" {
		return ctx
	}
	return context.WithValue(ctx, keyOf{}, key)
}

// keyed is a connection whose requests get the header's value as request_id, if they can have one and do not.
type keyed struct{ grpc.ClientConnInterface }

// Invoke implements grpc.ClientConnInterface.
func (k keyed) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	if key, ok := ctx.Value(keyOf{}).(string); ok {
		if request, ok := args.(proto.Message); ok {
			setRequestID(request.ProtoReflect(), key)
		}
	}
	return k.ClientConnInterface.Invoke(ctx, method, args, reply, opts...)
}

func setRequestID(request protoreflect.Message, key string) {
	field := request.Descriptor().Fields().ByName("request_id")
	if field != nil && !request.Has(field) {
		request.Set(field, protoreflect.ValueOfString(key))
	}
}
