package account

import (
	"context"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"

	"mallbots.example/pkg/rpc"
)

// dial connects as a client of the mall should: it tries again by itself what only reads, and what has a request_id.
func dial(target string, count *counts) (*grpc.ClientConn, error) {
	return rpc.Dial(target, rpc.ClientConfig{
		Name: "account", RetryMethods: changing, Options: []grpc.DialOption{grpc.WithStatsHandler(wire{count})},
	})
}

// wire counts attempts that failed beneath the client's own repeats.
type wire struct{ count *counts }

type methodKey struct{}

// TagRPC implements stats.Handler.
func (w wire) TagRPC(ctx context.Context, info *stats.RPCTagInfo) context.Context {
	method := shortMethod(info.FullMethodName)
	if method == "Ordering/WatchOrder" {
		return ctx // streams that break are counted where they are read
	}
	return context.WithValue(ctx, methodKey{}, method)
}

// HandleRPC implements stats.Handler.
func (w wire) HandleRPC(ctx context.Context, s stats.RPCStats) {
	end, ok := s.(*stats.End)
	method, known := ctx.Value(methodKey{}).(string)
	if !ok || !known || end.Error == nil {
		return
	}
	switch code := status.Code(end.Error); code {
	case codes.Canceled: // by the customer
	case codes.InvalidArgument, codes.NotFound, codes.FailedPrecondition: // answers of the business
	default:
		w.count.attempt(method, code)
	}
}

// TagConn implements stats.Handler.
func (w wire) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

// HandleConn implements stats.Handler.
func (w wire) HandleConn(context.Context, stats.ConnStats) {}

// shortMethod is "Baskets/AddItem" for "/mallbots.baskets.v1.BasketsService/AddItem".
func shortMethod(full string) string {
	service, method, _ := strings.Cut(strings.TrimPrefix(full, "/"), "/")
	service = service[strings.LastIndexByte(service, '.')+1:]
	return strings.TrimSuffix(service, "Service") + "/" + method
}
