package rpc

import (
	"context"
	"errors"
	"runtime/debug"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
)

// answerer turns what handlers return, or panic with, into answers. Nothing below it can tell the client a text that is not meant for it.
type answerer struct{ metrics *metrics }

func (a answerer) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	var resp any
	err := a.run(info.FullMethod, func() (err error) {
		resp, err = handler(ctx, req)
		return err
	})
	if err == nil {
		return resp, nil
	}
	return nil, a.answer(ctx, info.FullMethod, err)
}

func (a answerer) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	err := a.run(streamCall(srv, info.FullMethod).method, func() error { return handler(srv, ss) })
	if err == nil {
		// A server stream that ends without an error during the drain was most likely cut short by a handler that takes the end of
		// its context for the end of its work. Its client must resume; one that was really at its end resumes to the same end.
		if info.IsServerStream && !info.IsClientStream && errors.Is(context.Cause(ss.Context()), errDraining) {
			return answer(ss.Context(), errDraining)
		}
		return nil
	}
	return a.answer(ss.Context(), info.FullMethod, err)
}

// run calls a handler; a panic of it is an error.
func (a answerer) run(method string, handler func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			a.metrics.panics.WithLabelValues(method).Inc()
			err = &panicked{value, debug.Stack()}
		}
	}()
	return handler()
}

func (a answerer) answer(ctx context.Context, fullMethod string, err error) error {
	st, isStatus := peerStatus(err)
	if isStatus && !errors.Is(context.Cause(ctx), errDraining) && (isFramework(fullMethod) || isStub(fullMethod, st.Code(), st.Message())) {
		return &answered{st, err}
	}
	return answer(ctx, err)
}

// isStub reports whether the status is that of a generated Unimplemented…Server: the method is in the contract, but not in this server.
func isStub(fullMethod string, code codes.Code, message string) bool {
	_, method, _ := splitMethod(fullMethod)
	return code == codes.Unimplemented && message == "method "+method+" not implemented"
}
