package rpc

import (
	"context"

	"google.golang.org/grpc"
)

// contextStream is a server stream under another context.
type contextStream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s *contextStream) Context() context.Context { return s.ctx }

// drainStream gives streaming handlers a context that ends when the server starts to drain: a stream that lives until its client goes
// would else hold the graceful stop until the grace is over. Unary calls, proxied ones included, run on.
func (s *Server) drainStream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if streamCall(srv, info.FullMethod).unary {
		return handler(srv, ss)
	}
	ctx, cancel := context.WithCancelCause(ss.Context())
	defer cancel(nil)
	defer context.AfterFunc(s.draining, func() { cancel(errDraining) })()
	wrapped := &contextStream{ss, ctx}
	if info.IsClientStream && srv != nil { // the proxy receives in a goroutine of its own and needs no help
		return handler(srv, &interruptible{wrapped})
	}
	return handler(srv, wrapped)
}

// interruptible is a stream whose RecvMsg ends with the context. gRPC's own waits for the transport alone, and a handler that waits for
// its client's next message would not notice the drain.
type interruptible struct{ *contextStream }

func (s *interruptible) RecvMsg(m any) error {
	if err := s.ctx.Err(); err != nil {
		return err // also keeps a second receive from running beside one that was left behind
	}
	got := make(chan error, 1)
	go func() { got <- s.ServerStream.RecvMsg(m) }() // ends at the latest when the handler returns and gRPC closes the stream
	select {
	case err := <-got:
		return err
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}
