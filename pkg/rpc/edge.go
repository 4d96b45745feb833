package rpc

import (
	"context"

	"google.golang.org/grpc/status"
)

// ErrDraining is the cause with which an edge that speaks another protocol ends the contexts of its streams when its process stops.
var ErrDraining error = errDraining

// PassedOn is the status that such an edge tells its client when a call that it made for it failed: what NewProxy would tell. A peer's own
// words stay as they are; those of this side's transport, which name addresses, do not leave the process.
func PassedOn(ctx context.Context, err error) *status.Status {
	return answer(ctx, passOn(ctx, err)).status
}
