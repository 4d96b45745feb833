package rpc

import (
	"context"
	"time"

	"google.golang.org/grpc"
)

// shave is taken off the caller's deadline at each hop, so that a callee ends, and its answer arrives, before its caller gives up: else
// the caller sees a bare DEADLINE_EXCEEDED of its own and the callee's reason is lost. It covers a round trip in a data centre and a
// garbage collection; of short deadlines it takes at most a tenth (shaveShare).
const (
	shave      = 20 * time.Millisecond
	shaveShare = 10
)

type deadlines struct{ preset time.Duration }

func (d deadlines) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	ctx, cancel := d.limit(ctx, true)
	defer cancel()
	if err := ctx.Err(); err != nil { // nobody waits for the answer any more
		return nil, answer(ctx, err)
	}
	return handler(ctx, req)
}

func (d deadlines) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	ctx, cancel := d.limit(ss.Context(), streamCall(srv, info.FullMethod).unary)
	defer cancel()
	if err := ctx.Err(); err != nil {
		return answer(ctx, err)
	}
	return handler(srv, &contextStream{ss, ctx})
}

// limit shaves the deadline that the caller set. Where there is none, unary calls get the preset; streams may live for ever.
func (d deadlines) limit(ctx context.Context, unary bool) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	switch {
	case ok:
		return context.WithDeadline(ctx, deadline.Add(-min(shave, max(time.Until(deadline), 0)/shaveShare)))
	case unary:
		return context.WithTimeout(ctx, d.preset)
	default:
		return ctx, func() {}
	}
}
