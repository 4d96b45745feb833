package features_test

import (
	"context"
	"path"
	"sync"
	"testing"

	"github.com/cucumber/godog"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"mallbots.example/pkg/rpc"
)

// caller is a scenario, by what both godog and the catalog know of it.
type caller struct{ path, name string }

// recorder notes which scenario calls which RPC.
type recorder struct {
	mu sync.Mutex
	// answered are the RPCs that at least once answered with something else than an error.
	answered map[string]bool
	// callers of each RPC, in a When or a Then: what a scenario is about, not what it begins with.
	callers map[string]map[caller]bool
	// refused are the reasons why each RPC, by its short name, refused something.
	refused map[refusal]bool
}

// refusal is an RPC without its service, as the README of the API names it, and a reason.
type refusal struct{ rpc, reason string }

func newRecorder() *recorder {
	return &recorder{answered: map[string]bool{}, callers: map[string]map[caller]bool{}, refused: map[refusal]bool{}}
}

func (r *recorder) call(ctx context.Context, method string) {
	at, ok := ctx.Value(scenarioKey{}).(caller)
	if begins, _ := ctx.Value(stepKey{}).(bool); !ok || begins {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.callers[method] == nil {
		r.callers[method] = map[caller]bool{}
	}
	r.callers[method][at] = true
}

func (r *recorder) answer(method string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.refused[refusal{rpc: path.Base(method), reason: rpc.Reason(err)}] = true
		return
	}
	r.answered[method] = true
}

type (
	scenarioKey struct{}
	stepKey     struct{} // whether the step belongs to how a scenario begins
)

// noteCalls lets a scenario's calls know where they come from.
func noteCalls(sc *godog.ScenarioContext) {
	sc.Before(noteScenario)
	sc.StepContext().Before(noteStep)
}

func noteScenario(ctx context.Context, sc *godog.Scenario) (context.Context, error) {
	return context.WithValue(ctx, scenarioKey{}, caller{path: sc.Uri, name: sc.Name}), nil
}

func noteStep(ctx context.Context, step *godog.Step) (context.Context, error) {
	return context.WithValue(ctx, stepKey{}, step.Type == "Context"), nil
}

// recorded is a connection whose calls are noted.
type recorded struct {
	grpc.ClientConnInterface
	seen *recorder
}

// Invoke implements grpc.ClientConnInterface.
func (c recorded) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	c.seen.call(ctx, method)
	err := c.ClientConnInterface.Invoke(ctx, method, args, reply, opts...)
	c.seen.answer(method, err)
	return err
}

// NewStream implements grpc.ClientConnInterface.
func (c recorded) NewStream(ctx context.Context, desc *grpc.StreamDesc, method string, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	c.seen.call(ctx, method)
	stream, err := c.ClientConnInterface.NewStream(ctx, desc, method, opts...)
	return recordedStream{ClientStream: stream, seen: c.seen, method: method}, err
}

type recordedStream struct {
	grpc.ClientStream
	seen   *recorder
	method string
}

// RecvMsg implements grpc.ClientStream.
func (s recordedStream) RecvMsg(m any) error {
	err := s.ClientStream.RecvMsg(m)
	s.seen.answer(s.method, err)
	return err
}

// rpcs are all RPCs of the mall, in the order of their contracts.
func rpcs() (all []protoreflect.MethodDescriptor) {
	protoregistry.GlobalFiles.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if file.Package().Parent().Parent() != "mallbots" { // mallbots.<service>.v1
			return true
		}
		services := file.Services()
		for i := range services.Len() {
			methods := services.Get(i).Methods()
			for j := range methods.Len() {
				all = append(all, methods.Get(j))
			}
		}
		return true
	})
	return all
}

// fullMethod is an RPC as calls name it.
func fullMethod(method protoreflect.MethodDescriptor) string {
	return "/" + string(method.Parent().FullName()) + "/" + string(method.Name())
}

func checkEveryRPCIsCalled(t *testing.T, seen *recorder) {
	t.Helper()
	if len(rpcs()) < 40 {
		t.Errorf("there are %d RPCs only: the contracts were not found", len(rpcs()))
	}
	for _, method := range rpcs() {
		if !seen.answered[fullMethod(method)] {
			t.Errorf("no scenario has a good answer from %s", method.FullName())
		}
	}
}
