package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/grpc"

	"mallbots.example/api/shopping"
	"mallbots.example/pkg/money/moneypb"
	"mallbots.example/pkg/rpc"
)

func newDemo(connect connect) *cobra.Command {
	var openStores bool
	var access rpc.Access
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Place one order, and show each step as it happens",
		Long: `Registers a customer, buys from two stores, shows each step of the order as it happens, pays the invoice and ends with the completed
order. Before the checkout the time is from the start, after it from the checkout's answer. A mall without stores gets some
with --open-stores.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withGateway(cmd, connect, access, func(conn *grpc.ClientConn) error {
				return shop(cmd.Context(), shopping.NewClient(conn), openStores, cmd.OutOrStdout())
			})
		},
	}
	cmd.Flags().BoolVar(&openStores, "open-stores", false, "open some stores first if the mall has none")
	addAccess(cmd, &access)
	return cmd
}

// shop places one order and tells each step; a mall without stores gets some first if openStores says so.
func shop(ctx context.Context, client *shopping.Client, openStores bool, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, shopping.Timeout)
	defer cancel()
	if openStores {
		if err := open(ctx, client, out); err != nil {
			return explain(err)
		}
	}
	began, orderID := time.Now(), ""
	trip := shopping.Trip{
		Client:     client,
		Tell:       func(step string) { fmt.Fprintf(out, "%6d ms  %s\n", time.Since(began).Milliseconds(), step) },
		CheckedOut: func(id string) { began, orderID = time.Now(), id },
		Amount:     moneypb.Text,
	}
	err := explain(trip.Shop(ctx))
	if err != nil && orderID != "" {
		return fmt.Errorf("%w; what became of the order: kubectl mallbots logs %s", err, orderID)
	}
	return err
}

func open(ctx context.Context, client *shopping.Client, out io.Writer) error {
	opened, err := client.OpenStores(ctx)
	if opened.Stores > 0 {
		fmt.Fprintf(out, "Opened %d stores with %d products.\n", opened.Stores, opened.Products)
	}
	return err
}
