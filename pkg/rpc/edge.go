package rpc

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
)

// ErrDraining is the cause with which an edge that speaks another protocol ends the contexts of its streams when its process stops.
var ErrDraining error = errDraining

// PassedOn is the status that such an edge tells its client when a call that it made for it failed: what NewProxy would tell. A peer's own
// words stay as they are; those of this side's transport, which name addresses, do not leave the process.
func PassedOn(ctx context.Context, err error) *status.Status {
	return answer(ctx, passOn(ctx, err)).status
}

// Refusal is an error that an edge's own interceptors answer with, before a service is asked: who calls, how often. The client is told the
// code, the reason, the text and the details as they are. What services refuse is a fault.
func Refusal(code codes.Code, reason, text string, details ...protoadapt.MessageV1) error {
	return &answered{build(code, reason, text, details...), nil}
}
