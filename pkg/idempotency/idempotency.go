// Package idempotency answers a repeated request as it was answered first (AIP-155), on whichever replica and after whatever crash: its
// effect happens once.
//
// A request that carries a request_id is handled in one unit of work, which the handler's own units join (see store.DB.Do). The answer is
// a row of that unit: there is no effect without the stored answer and no stored answer without the effect. Of the same requests at the
// same time the first to commit wins; the others meet its row, are rolled back, and give its answer. A request that is refused leaves
// nothing and may be tried again with the same id.
//
// Answers are kept for Retention. Requests without an id pass untouched.
package idempotency

import (
	"context"
	"embed"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema holds the table of answers. It belongs into each database that a Registrar is made for.
var Schema = store.NewSchema("idempotency", migrations)

// field is the field of a request that makes it repeatable.
const field = "request_id"

// Registrar registers gRPC services of which the state is in one database. Each unary method whose request has a request_id is guarded;
// all others are registered as they are. The guard is the innermost layer of a call: requests are valid, and panics and errors go on to
// the interceptors of the server.
type Registrar struct {
	server  grpc.ServiceRegistrar
	answers answers
}

var _ grpc.ServiceRegistrar = (*Registrar)(nil)

// NewRegistrar registers with server. The database must have the Schema.
func NewRegistrar(server grpc.ServiceRegistrar, db *store.DB, clock clock.Clock) *Registrar {
	return &Registrar{server: server, answers: answers{db: db, clock: clock}}
}

// RegisterService implements grpc.ServiceRegistrar.
func (r *Registrar) RegisterService(desc *grpc.ServiceDesc, impl any) {
	guarded := *desc
	guarded.Methods = make([]grpc.MethodDesc, len(desc.Methods))
	for i, m := range desc.Methods {
		if answer := answerOf(desc.ServiceName, m.MethodName); answer != nil {
			g := guard{answers: r.answers, method: "/" + desc.ServiceName + "/" + m.MethodName, answer: answer}
			m.Handler = g.around(m.Handler)
		}
		guarded.Methods[i] = m
	}
	r.server.RegisterService(&guarded, impl)
}

// answerOf is the type of the answers of a method whose requests have a request_id, and nil for every other.
func answerOf(service, method string) protoreflect.MessageType {
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service + "." + method))
	if err != nil {
		return nil // not of a contract that is linked into the process, as the generated code of each is
	}
	m, ok := found.(protoreflect.MethodDescriptor)
	if !ok || m.Input().Fields().ByName(field) == nil {
		return nil
	}
	answer, err := protoregistry.GlobalTypes.FindMessageByName(m.Output().FullName())
	if err != nil {
		panic(err) // a contract without its generated code: found when the process starts
	}
	return answer
}

// guard is around the handler of one method.
type guard struct {
	answers answers
	method  string
	answer  protoreflect.MessageType
}

// handler is what generated code has for a unary method.
type handler = func(srv any, ctx context.Context, dec func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error)

// request is what generated code has for a request with a request_id.
type request interface {
	proto.Message
	GetRequestId() string
}

// around puts the guard between the interceptors of the server and the method.
func (g guard) around(inner handler) handler {
	return func(srv any, ctx context.Context, dec func(any) error, outer grpc.UnaryServerInterceptor) (any, error) {
		return inner(srv, ctx, dec, func(ctx context.Context, req any, info *grpc.UnaryServerInfo, method grpc.UnaryHandler) (any, error) {
			once := func(ctx context.Context, req any) (any, error) {
				if r, ok := req.(request); ok && r.GetRequestId() != "" {
					return g.once(ctx, r, method)
				}
				return method(ctx, req)
			}
			if outer == nil {
				return once(ctx, req)
			}
			return outer(ctx, req, info, once)
		})
	}
}

// once handles a request, or gives the answer it had.
func (g guard) once(ctx context.Context, req request, method grpc.UnaryHandler) (any, error) {
	hash, err := hashOf(g.method, req)
	if err != nil {
		return nil, err
	}
	id := strings.ToLower(req.GetRequestId()) // a UUID is the same in capitals
	var resp any
	err = g.answers.db.Do(ctx, func(unit context.Context, tx *store.Tx) error {
		// At each attempt, since it may be this request, on another replica, that the last one lost against. Not within the unit, which
		// begins, and holds a connection, no sooner than the handler needs it: handlers ask other services before.
		first, err := g.find(ctx, id, hash)
		if first != nil || err != nil {
			resp = first
			return err
		}
		if resp, err = method(unit, req); err != nil {
			return err
		}
		return g.answers.keep(tx, id, g.method, hash, resp)
	})
	if err == nil {
		return resp, nil
	}
	// The refusal may be because of what the same request did meanwhile (ALREADY_ENABLED), and a commit that failed may have come through.
	if first, findErr := g.find(ctx, id, hash); findErr == nil && first != nil {
		return first, nil
	}
	return nil, err
}
