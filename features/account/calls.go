package account

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/rpc"
)

const (
	// attempt bounds one try: longer than any answer of a mall that works, and short enough that a connection whose other end vanished
	// without a word costs one try.
	attempt = 5 * time.Second
	// firstPause and longestPause are those between tries: a mall that is away is asked again soon, and is not hammered.
	firstPause   = 50 * time.Millisecond
	longestPause = 2 * time.Second
)

// changing are the methods that the customers call with a request_id, so that the client may try them again by itself.
var changing = []string{
	"/mallbots.stores.v1.StoresService/CreateStore", "/mallbots.stores.v1.StoresService/EnableParticipation",
	"/mallbots.stores.v1.StoresService/DisableParticipation", "/mallbots.stores.v1.StoresService/AddProduct",
	"/mallbots.customers.v1.CustomersService/RegisterCustomer",
	"/mallbots.baskets.v1.BasketsService/StartBasket", "/mallbots.baskets.v1.BasketsService/AddItem",
	"/mallbots.baskets.v1.BasketsService/CheckoutBasket", "/mallbots.baskets.v1.BasketsService/CancelBasket",
	"/mallbots.payments.v1.PaymentsService/AuthorizePayment", "/mallbots.payments.v1.PaymentsService/PayInvoice",
	"/mallbots.ordering.v1.OrderingService/CancelOrder",
}

// call is an RPC as generated clients have it.
type call[Req, Resp any] func(ctx context.Context, req *Req, opts ...grpc.CallOption) (*Resp, error)

// ask makes a call again, with the same request and so with the same request_id, until it is answered or refused, for at most patience.
func ask[Req, Resp any](ctx context.Context, c *calls, method string, do call[Req, Resp], req *Req) (*Resp, error) {
	tries := 0
	c.count.called(method)
	return backoff.Retry(ctx, func() (*Resp, error) {
		if tries++; tries > 1 {
			c.count.retried(method)
		}
		ctx, cancel := context.WithTimeout(ctx, attempt)
		defer cancel()
		resp, err := do(ctx, req)
		switch {
		case err == nil:
			return resp, nil
		case refused(err) != "":
			return nil, backoff.Permanent(err)
		case errors.Is(context.Cause(ctx), context.Canceled):
			return nil, backoff.Permanent(err) // nobody waits for the answer any more: no fault of the mall
		}
		c.count.failed(method, status.Code(err))
		return nil, err
	}, backoff.WithBackOff(newPause()), backoff.WithMaxElapsedTime(c.patience))
}

// refused is the reason for which the business says no, or "" of every other error. A conflict is no refusal: it says "try again".
func refused(err error) string {
	if f, ok := fault.As(rpc.FromStatus(err)); ok && f.Kind != fault.Conflict {
		return f.Reason
	}
	return ""
}
