package routes

import (
	"context"
	"errors"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// passedKey marks, in the metadata, a call that a gateway has passed on.
const passedKey = "mallbots-gateway"

// errLoop goes to the log; the client is told INTERNAL.
var errLoop = errors.New("gateway: a gateway passed this call on to a gateway: MALLBOTS_PEERS names one where the service should be, " +
	"or the process of all services lacks the one that is called")

// Once lets a call pass one time. A call that comes back would go round until its deadline, and a stream, which has none, until the
// process can't take another.
func Once(next grpc.StreamHandler) grpc.StreamHandler {
	return func(srv any, stream grpc.ServerStream) error {
		md, _ := metadata.FromIncomingContext(stream.Context())
		if len(md.Get(passedKey)) > 0 {
			return errLoop
		}
		md = md.Copy()
		md.Set(passedKey, "1")
		return next(srv, &passed{ServerStream: stream, ctx: metadata.NewIncomingContext(stream.Context(), md)})
	}
}

// passed is a stream with the mark among the metadata that go on.
type passed struct {
	grpc.ServerStream
	ctx context.Context
}

// Context implements grpc.ServerStream.
func (s *passed) Context() context.Context { return s.ctx }
