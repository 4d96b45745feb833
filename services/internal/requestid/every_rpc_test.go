// Package requestid_test holds the tests of request_id (AIP-155) that concern every service; the mechanism is pkg/idempotency.
package requestid_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	"mallbots.example/pkg/id"
	"mallbots.example/pkg/rpc"
	"mallbots.example/pkg/service/servicetest"
	"mallbots.example/pkg/store"
	"mallbots.example/services/mallbots/mall"
)

// changes are the methods of the contracts that change something, by the name of their service: stores, customers, ….
func changes() map[string][]protoreflect.MethodDescriptor {
	found := map[string][]protoreflect.MethodDescriptor{}
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		parts := strings.Split(string(file.Package()), ".")
		if parts[0] != "mallbots" {
			return true
		}
		for i := range file.Services().Len() {
			methods := file.Services().Get(i).Methods()
			for j := range methods.Len() {
				if m := methods.Get(j); !readsOnly(m) {
					found[parts[1]] = append(found[parts[1]], m)
				}
			}
		}
		return true
	})
	return found
}

func readsOnly(m protoreflect.MethodDescriptor) bool {
	return m.Options().(*descriptorpb.MethodOptions).GetIdempotencyLevel() == descriptorpb.MethodOptions_NO_SIDE_EFFECTS
}

// example is a request that keeps the rules of its contract.
func example(t *testing.T, m protoreflect.MethodDescriptor, requestID string) proto.Message {
	t.Helper()
	kind, err := protoregistry.GlobalTypes.FindMessageByName(m.Input().FullName())
	require.NoError(t, err)
	req := kind.New()
	fill(req)
	req.Set(m.Input().Fields().ByName("request_id"), protoreflect.ValueOfString(requestID))
	require.NoError(t, rpc.Validate(req.Interface()), "the example of %s", m.FullName())
	return req.Interface()
}

func fill(m protoreflect.Message) {
	for i := range m.Descriptor().Fields().Len() {
		field := m.Descriptor().Fields().Get(i)
		switch field.Kind() { //nolint:exhaustive // what requests that change something are made of
		case protoreflect.MessageKind:
			fill(m.Mutable(field).Message())
		case protoreflect.StringKind:
			m.Set(field, protoreflect.ValueOfString(text(string(field.Name()))))
		case protoreflect.Int32Kind:
			m.Set(field, protoreflect.ValueOfInt32(1))
		case protoreflect.Int64Kind:
			m.Set(field, protoreflect.ValueOfInt64(1))
		}
	}
}

func text(field string) string {
	switch {
	case field == "id", strings.HasSuffix(field, "_id"):
		return id.UUIDv7()
	case field == "sms_number":
		return number
	case field == "currency_code":
		return "USD"
	}
	return "a text"
}

func TestEveryRPCThatChangesSomethingActsOnItsRequestID(t *testing.T) {
	all := changes()
	peers := map[string]grpc.ClientConnInterface{}
	for _, s := range mall.Services() {
		peers[s.Name] = away{}
	}
	for _, s := range mall.Services() {
		if len(all[s.Name]) == 0 {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			h := servicetest.Start(t, s, peers)
			for _, m := range all[s.Name] {
				t.Run(string(m.Name()), func(t *testing.T) {
					require.NotNil(t, m.Input().Fields().ByName("request_id"), "it can't be repeated")
					taken := id.UUIDv7()
					require.NoError(t, h.DB.Do(t.Context(), func(_ context.Context, tx *store.Tx) error {
						tx.Queue(`INSERT INTO requests (id, method, hash, response, created_at) VALUES ($1, '/another', $2, $2, $3)`,
							taken, []byte{}, servicetest.Now)
						return nil
					}))
					requireReused(t, call(t, h, m, taken))
					if err := call(t, h, m, id.UUIDv7()); err != nil {
						require.NotEqual(t, "REQUEST_ID_REUSED", rpc.Reason(err))
					}
				})
			}
		})
		delete(all, s.Name)
	}
	require.Empty(t, all, "contracts of no service of the mall")
}

func call(t *testing.T, h *servicetest.Harness, m protoreflect.MethodDescriptor, requestID string) error {
	t.Helper()
	answer, err := protoregistry.GlobalTypes.FindMessageByName(m.Output().FullName())
	require.NoError(t, err)
	full := "/" + string(m.Parent().FullName()) + "/" + string(m.Name())
	return h.Conn.Invoke(t.Context(), full, example(t, m, requestID), answer.New().Interface())
}
