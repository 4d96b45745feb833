package rpc

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"buf.build/go/protovalidate"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"mallbots.example/pkg/fault"
)

// Validate checks a message against the field rules of its contract (protovalidate): nil, or a *fault.Error with reason INVALID_FIELD
// that names each broken field. Servers do it for every request; other edges (the JSON gateway, messages) may. All of the process
// shares one validator, because it compiles the rules of each message type once.
func Validate(msg proto.Message) error {
	err := protovalidate.Validate(msg)
	if err == nil {
		return nil
	}
	var broken *protovalidate.ValidationError
	if !errors.As(err, &broken) {
		return fmt.Errorf("rpc: the rules of %s do not run: %w", msg.ProtoReflect().Descriptor().FullName(), err)
	}
	fields := make([]fault.Field, 0, len(broken.Violations))
	for _, v := range broken.Violations {
		description := v.Proto.GetMessage()
		if description == "" {
			description = "breaks the rule " + v.Proto.GetRuleId()
		}
		name := protovalidate.FieldPathString(v.Proto.GetField())
		if name == "" {
			name = "request" // a rule of the whole message
		}
		// A fault reads "<field> is required"; some rules write "value is required".
		fields = append(fields, fault.Field{Name: name, Description: strings.TrimPrefix(description, "value ")})
	}
	return fault.BadFields(fields...)
}

func validateUnary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if err := validateAny(req); err != nil {
		return nil, err
	}
	return handler(ctx, req)
}

func validateStream(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	return handler(srv, &validatingStream{ss})
}

type validatingStream struct{ grpc.ServerStream }

func (s *validatingStream) RecvMsg(m any) error {
	if err := s.ServerStream.RecvMsg(m); err != nil {
		return err
	}
	return validateAny(m)
}

// validateAny lets the proxy's frames pass: the service behind it checks them.
func validateAny(m any) error {
	if msg, ok := m.(proto.Message); ok {
		return Validate(msg)
	}
	return nil
}
