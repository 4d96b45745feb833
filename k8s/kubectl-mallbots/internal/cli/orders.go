package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	"mallbots.example/api/shopping"
	"mallbots.example/pkg/rpc"
)

const (
	// reasonNotFound is the mall's reason for an order that there is not.
	reasonNotFound = "ORDER_NOT_FOUND"
	// watchPause is between two tries to go on with a watch, so that a gateway that refuses is not asked in a hot loop.
	watchPause = time.Second
	// watchPatience is how long a watch goes on without a gateway: longer than one takes to be replaced.
	watchPatience = 2 * time.Minute
)

func newOrders(connect connect) *cobra.Command {
	cmd := &cobra.Command{
		Use: "orders", Short: "Look at orders", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newOrdersGet(connect), newOrdersWatch(connect))
	return cmd
}

func newOrdersGet(connect connect) *cobra.Command {
	var out output
	var access rpc.Access
	cmd := &cobra.Command{
		Use:   "get ID",
		Short: "Show an order",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withOrdering(cmd, connect, access, func(client orderingv1.OrderingServiceClient) error {
				resp, err := client.GetOrder(cmd.Context(), &orderingv1.GetOrderRequest{Id: args[0]})
				if err != nil {
					return explain(err)
				}
				if out.json() {
					return writeJSON(cmd.OutOrStdout(), resp.GetOrder())
				}
				return writeOrder(cmd.OutOrStdout(), resp.GetOrder())
			})
		},
	}
	out.addTo(cmd)
	addAccess(cmd, &access)
	return cmd
}

func newOrdersWatch(connect connect) *cobra.Command {
	var out output
	var access rpc.Access
	cmd := &cobra.Command{
		Use:   "watch ID",
		Short: "Show an order and each change of it, until it is completed, rejected or canceled",
		Long: `Shows an order as it is, then each change as it happens, and ends when the order is completed, rejected or canceled. An order that does
not exist yet is waited for. When the gateway's pod dies, the watch goes on by way of another one.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withOrdering(cmd, connect, access, func(client orderingv1.OrderingServiceClient) error {
				w := watcher{client: client, id: args[0], notes: cmd.ErrOrStderr(), pause: watchPause, show: func(o *orderingv1.Order, isFirst bool) error {
					switch {
					case out.json():
						return writeJSON(cmd.OutOrStdout(), o)
					case isFirst:
						if err := writeOrder(cmd.OutOrStdout(), o); err != nil {
							return err
						}
						_, err := fmt.Fprintln(cmd.OutOrStdout())
						return errors.Join(err, writeChange(cmd.OutOrStdout(), o))
					}
					return writeChange(cmd.OutOrStdout(), o)
				}}
				return explain(w.run(cmd.Context()))
			})
		},
	}
	out.addTo(cmd)
	addAccess(cmd, &access)
	return cmd
}

// withOrdering calls use with a connection to the mall's orders.
func withOrdering(
	cmd *cobra.Command, connect connect, access rpc.Access, use func(client orderingv1.OrderingServiceClient) error,
) error {
	return withGateway(cmd, connect, access, func(conn *grpc.ClientConn) error {
		return use(orderingv1.NewOrderingServiceClient(conn))
	})
}

// watcher follows one order.
type watcher struct {
	client orderingv1.OrderingServiceClient
	id     string
	notes  io.Writer // what is not about the order
	pause  time.Duration
	show   func(o *orderingv1.Order, isFirst bool) error

	version int64     // shown last
	lost    time.Time // since when there is no gateway; zero while there is one
}

// run watches until the order is final. A watch that ends before goes on; what was shown is not shown again.
func (w *watcher) run(ctx context.Context) error {
	if _, err := w.client.GetOrder(ctx, &orderingv1.GetOrderRequest{Id: w.id}); rpc.Reason(err) == reasonNotFound {
		fmt.Fprintln(w.notes, "The order does not exist yet; waiting for it.")
	} else if err != nil {
		return err
	}
	for {
		err := (&shopping.Client{Ordering: w.client}).Watch(ctx, w.id, w.seen)
		if err == nil || ctx.Err() != nil || !broken(err) {
			return err
		}
		now := time.Now()
		if w.lost.IsZero() {
			w.lost = now
			fmt.Fprintln(w.notes, "The connection to the gateway is lost; going on by way of another one.")
		}
		if now.Sub(w.lost) > watchPatience {
			return err
		}
		timer := time.NewTimer(w.pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
}

func (w *watcher) seen(o *orderingv1.Order) (done bool, err error) {
	w.lost = time.Time{}
	if o.GetVersion() > w.version {
		isFirst := w.version == 0
		w.version = o.GetVersion()
		if err := w.show(o, isFirst); err != nil {
			return false, err
		}
	}
	return shopping.Final(o.GetStatus()), nil
}

// broken reports whether a watch ended because of the way and not because of the order. A stream that ends without an error, before the
// order is final, was ended by somebody between.
func broken(err error) bool {
	if errors.Is(err, io.EOF) {
		return true
	}
	switch status.Code(err) {
	case codes.Unavailable, codes.Internal, codes.Aborted, codes.ResourceExhausted:
		return true
	default:
		return false
	}
}
