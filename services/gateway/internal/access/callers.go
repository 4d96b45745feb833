package access

import (
	"context"
	"net/http"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
)

// header is where tokens are, in HTTP and in gRPC's metadata.
const header = "authorization"

// Unary is for the calls of services in this process.
func (g *Guard) Unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if err := g.Check(info.FullMethod, callerOf(ctx)); err != nil {
		return nil, err
	}
	return handler(withoutToken(ctx), req)
}

// Stream is for streams, and for all calls that are passed on.
func (g *Guard) Stream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if err := g.Check(info.FullMethod, callerOf(stream.Context())); err != nil {
		return err
	}
	return handler(srv, &checked{stream, withoutToken(stream.Context())})
}

// checked is a stream whose token has been read.
type checked struct {
	grpc.ServerStream
	ctx context.Context
}

// Context implements grpc.ServerStream.
func (s *checked) Context() context.Context { return s.ctx }

// withoutToken keeps the token from being passed on: services have no use for it.
func withoutToken(ctx context.Context) context.Context {
	md, _ := metadata.FromIncomingContext(ctx)
	if len(md.Get(header)) == 0 {
		return ctx
	}
	md = md.Copy()
	md.Delete(header)
	return metadata.NewIncomingContext(ctx, md)
}

func callerOf(ctx context.Context) Caller {
	md, _ := metadata.FromIncomingContext(ctx)
	c := Caller{Authorization: strings.Join(md.Get(header), ", ")} // two tokens are none
	if from, ok := peer.FromContext(ctx); ok {
		c.Addr = from.Addr.String()
		info, ok := from.AuthInfo.(credentials.TLSInfo)
		c.OfTheMall = ok && len(info.State.VerifiedChains) > 0
	}
	return c
}

// CheckHTTP is Check for the route of an RPC.
func (g *Guard) CheckHTTP(method string, r *http.Request) error {
	return g.Check(method, Caller{
		OfTheMall:     r.TLS != nil && len(r.TLS.VerifiedChains) > 0,
		Authorization: strings.Join(r.Header.Values(header), ", "),
		Addr:          r.RemoteAddr,
	})
}
