package steps

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

func (w *world) repeatSteps() {
	w.step(`^(\w+/\w+) is called twice$`, w.callTwice)
	w.step(`^(\w+/\w+) is called twice with the same request id$`, w.repeat)
	w.step(`^(\w+/\w+) is called (\d+) times at once with the same request id$`, w.repeatAtOnce)
	w.step(`^(\w+/\w+) is called, and then with the same request id for something else$`, w.reuse)
	w.step(`^(\w+/\w+) is called with a request id of its own$`, w.callOnce)
	w.step(`^the same request is sent again$`, w.again)
	w.step(`^it is answered$`, func() error { return w.call.err })
	w.step(`^both answers are the same$`, w.sameAnswers)
}

// once calls an RPC, and again if something runs that only one can run at a time.
func (w *world) once(ctx context.Context, method string, request proto.Message) (response proto.Message, err error) {
	if waited := eventually(ctx, func(ctx context.Context) error {
		response, err = w.invoke(ctx, method, request)
		if got, _ := told(err); got.reason == "REBUILD_RUNNING" {
			return err
		}
		return nil
	}); waited != nil {
		return nil, waited
	}
	return response, err
}

func (w *world) begin(ctx context.Context, method, requestID string) error {
	request, err := w.requestOf(ctx, method)
	if err != nil {
		return err
	}
	if requestID != "" {
		if err := set(request.ProtoReflect(), []string{"request_id"}, requestID); err != nil {
			return err
		}
	}
	w.call = call{method: method, request: request}
	w.call.response, err = w.once(ctx, method, request)
	w.call.err = err
	return nil
}

func (w *world) callOnce(ctx context.Context, method string) error {
	return w.begin(ctx, method, uuid.NewString())
}

func (w *world) again(ctx context.Context) (err error) {
	w.call.repeated, w.call.err = w.once(ctx, w.call.method, w.call.request)
	return nil
}

func (w *world) callTwice(ctx context.Context, method string) error {
	return w.twice(ctx, method, "")
}

func (w *world) repeat(ctx context.Context, method string) error {
	return w.twice(ctx, method, uuid.NewString())
}

func (w *world) twice(ctx context.Context, method, requestID string) error {
	if err := w.begin(ctx, method, requestID); err != nil {
		return err
	}
	if w.call.err != nil {
		return w.call.err
	}
	if err := w.again(ctx); err != nil {
		return err
	}
	return w.call.err
}

func (w *world) sameAnswers() error {
	if !proto.Equal(w.call.response, w.call.repeated) {
		return fmt.Errorf("first %v, then %v", w.call.response, w.call.repeated)
	}
	return nil
}

// repeatAtOnce keeps the first answer and one that differs from it, if there is any.
func (w *world) repeatAtOnce(ctx context.Context, method string, times int) error {
	request, err := w.requestOf(ctx, method)
	if err != nil {
		return err
	}
	if err := set(request.ProtoReflect(), []string{"request_id"}, uuid.NewString()); err != nil {
		return err
	}
	answers := make([]proto.Message, times)
	var all errgroup.Group
	for i := range answers {
		all.Go(func() (err error) { answers[i], err = w.invoke(ctx, method, request); return err })
	}
	if err := all.Wait(); err != nil {
		return err
	}
	w.call = call{method: method, request: request, response: answers[0], repeated: answers[0]}
	for _, answer := range answers {
		if !proto.Equal(answer, answers[0]) {
			w.call.repeated = answer
		}
	}
	return nil
}

// reuse says the id again with a request that differs in its first field.
func (w *world) reuse(ctx context.Context, method string) error {
	if err := w.begin(ctx, method, uuid.NewString()); err != nil {
		return err
	}
	if w.call.err != nil {
		return w.call.err
	}
	other := proto.Clone(w.call.request)
	m := other.ProtoReflect()
	first := m.Descriptor().Fields().ByNumber(1)
	if first.Name() == "request_id" || first.Kind() != protoreflect.StringKind {
		return errors.New("the request has nothing to change")
	}
	value := "Something else"
	if strings.HasSuffix(string(first.Name()), "id") {
		value = uuid.NewString()
	}
	m.Set(first, protoreflect.ValueOfString(value))
	_, w.call.err = w.invoke(ctx, method, other)
	return nil
}
