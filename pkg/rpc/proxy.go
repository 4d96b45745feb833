package rpc

import (
	"context"
	"errors"
	"io"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// ErrNoRoute is for the route function of a proxy: nobody serves the method. The client is told UNIMPLEMENTED.
var ErrNoRoute = errors.New("rpc: no route")

// NewProxy is a handler for ServerConfig.Unknown that passes calls of every kind on to the connection that route gives for their full
// method ("/package.Service/Method"): messages as bytes, metadata both ways, deadline, cancellation, and the status with its details.
// It holds at most one message a direction and waits for the slower side, so that gRPC's flow control reaches from end to end.
//
// An error of route is answered like a handler's; ErrNoRoute, or no connection and no error, as UNIMPLEMENTED.
func NewProxy(route func(fullMethod string) (grpc.ClientConnInterface, error)) grpc.StreamHandler {
	return func(_ any, ss grpc.ServerStream) error {
		method, ok := grpc.MethodFromServerStream(ss)
		if !ok {
			return errors.New("rpc: a stream without a method")
		}
		conn, err := route(method)
		if errors.Is(err, ErrNoRoute) || err == nil && conn == nil {
			return &answered{status.Newf(codes.Unimplemented, "unknown method %s", clean(method)), err}
		}
		if err != nil {
			return err
		}
		return proxy(ss, conn, method)
	}
}

// failedUpload is the cause of a proxied call's end when the client's side could not be read.
type failedUpload struct{ error }

func proxy(ss grpc.ServerStream, conn grpc.ClientConnInterface, method string) error {
	ctx, cancel := context.WithCancelCause(ss.Context())
	defer cancel(nil)
	incoming, _ := metadata.FromIncomingContext(ctx)
	desc := &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}
	cs, err := conn.NewStream(metadata.NewOutgoingContext(ctx, forwardable(incoming)), desc, method, grpc.ForceCodecV2(rawCodec{}))
	if err != nil {
		return passOn(ctx, err)
	}
	go func() { // ends when the client has sent all, or with the call: gRPC ends RecvMsg when the handler returns
		if err := upload(cs, ss); err != nil {
			cancel(failedUpload{err})
		}
	}()
	err = download(ss, cs)
	var failed failedUpload
	if errors.As(context.Cause(ctx), &failed) && err != nil {
		err = failed.error // what broke first, and not the cancellation that followed from it
	}
	return passOn(ctx, err)
}

// upload passes the client's messages on. That the server has hung up is no error here: download learns why.
func upload(cs grpc.ClientStream, ss grpc.ServerStream) error {
	for {
		var f frame
		switch err := ss.RecvMsg(&f); {
		case errors.Is(err, io.EOF):
			return cs.CloseSend()
		case err != nil:
			return err
		}
		switch err := cs.SendMsg(&f); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// download passes headers, messages and trailers back. Headers go at once, not with the first message: a watcher waits for them.
func download(ss grpc.ServerStream, cs grpc.ClientStream) error {
	header, err := cs.Header()
	if err == nil && header != nil {
		if err := ss.SendHeader(forwardable(header)); err != nil {
			return err
		}
	}
	for {
		var f frame
		if err := cs.RecvMsg(&f); err != nil {
			ss.SetTrailer(forwardable(cs.Trailer()))
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if err := ss.SendMsg(&f); err != nil {
			return err
		}
	}
}

// passOn makes the peer's status the answer. It stays intact when it is one of ours, or when its code says that the peer itself chose
// it; the others may have been made by this side's transport, and their texts name addresses.
func passOn(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	st, ok := peerStatus(err)
	if !ok || errors.Is(context.Cause(ctx), errDraining) {
		return err
	}
	if ourInfo(st) != nil {
		return &answered{st, err}
	}
	switch st.Code() {
	case codes.Canceled, codes.DeadlineExceeded, codes.Unavailable, codes.Internal, codes.Unknown, codes.DataLoss:
		return err
	default:
		return &answered{st, err}
	}
}

// hopByHop are entries that belong to one connection or are written anew by each side.
var hopByHop = map[string]bool{
	"connection": true, "content-length": true, "content-type": true, "host": true, "keep-alive": true, "proxy-connection": true,
	"te": true, "trailer": true, "transfer-encoding": true, "upgrade": true, "user-agent": true,
}

// forwardable copies metadata without what is reserved: pseudo headers, gRPC's own (grpc-timeout, grpc-encoding, …) and hop-by-hop ones.
func forwardable(md metadata.MD) metadata.MD {
	out := metadata.MD{}
	for key, values := range md {
		if !strings.HasPrefix(key, ":") && !strings.HasPrefix(key, "grpc-") && !hopByHop[key] {
			out[key] = append([]string(nil), values...)
		}
	}
	return out
}
