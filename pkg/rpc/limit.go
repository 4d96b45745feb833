package rpc

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"
)

// busyRetryDelay is what a refused client is told to wait: a jam of calls that take milliseconds is over by then.
const busyRetryDelay = time.Second

// limiter bounds the calls in flight. It refuses and does not queue: a queue would only make everybody wait until their deadlines.
// Unary calls and streams are counted apart, so that watchers cannot keep out the calls that do the work.
type limiter struct{ unaryCalls, streams counter }

var errBusy = errors.New("rpc: too many calls in flight")

type counter struct {
	limit    int64
	inFlight atomic.Int64
}

func newLimiter(maxUnary, maxStreams int) *limiter {
	l := &limiter{}
	l.unaryCalls.limit, l.streams.limit = int64(maxUnary), int64(maxStreams)
	return l
}

func (c *counter) enter() bool {
	if c.inFlight.Add(1) > c.limit {
		c.inFlight.Add(-1)
		return false
	}
	return true
}

func (c *counter) leave() { c.inFlight.Add(-1) }

func (l *limiter) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if isHealth(info.FullMethod) { // a busy server is alive: a failed probe would restart it and make things worse
		return handler(ctx, req)
	}
	if !l.unaryCalls.enter() {
		return nil, busy()
	}
	defer l.unaryCalls.leave()
	return handler(ctx, req)
}

func (l *limiter) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if isHealth(info.FullMethod) {
		return handler(srv, ss)
	}
	c := &l.streams
	if streamCall(srv, info.FullMethod).unary {
		c = &l.unaryCalls
	}
	if !c.enter() {
		return busy()
	}
	defer c.leave()
	return handler(srv, ss)
}

func busy() error {
	retry := &errdetails.RetryInfo{RetryDelay: durationpb.New(busyRetryDelay)}
	return &answered{build(codes.ResourceExhausted, ReasonBusy, textBusy, retry), errBusy}
}
