package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mallbots.example/api/shopping"
	"mallbots.example/pkg/money/moneypb"
	"mallbots.example/pkg/rpc"
)

// defaultTarget is where a mall listens that was started without settings.
const defaultTarget = "127.0.0.1:9000"

func newDemo() *cobra.Command {
	to := reach{}
	var orderID string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Place one order in a mall that runs, and show each step",
		Long: `Registers a customer, buys from two stores, shows each step of the order as it happens, pays the invoice and ends with the
completed order. Before the checkout the time is from the start, after it from the checkout's answer.
With --order it goes on with an order that was placed before.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			conn, err := to.dial("demo")
			if err != nil {
				return err
			}
			defer conn.Close()
			ctx, cancel := context.WithTimeout(cmd.Context(), shopping.Timeout)
			defer cancel()
			t := trip(shopping.NewClient(conn), cmd.OutOrStdout())
			if orderID != "" {
				return explain(t.Follow(ctx, orderID), to.target)
			}
			return explain(t.Shop(ctx), to.target)
		},
	}
	to.addFlags(cmd)
	cmd.Flags().StringVar(&orderID, "order", "", "id of an order to go on with")
	return cmd
}

// explain tells a mall that is not there from one that says no.
func explain(err error, target string) error {
	switch {
	case err == nil || rpc.Reason(err) != "":
	case strings.Contains(err.Error(), "authentication handshake failed"):
		return fmt.Errorf("--ca: %w", err)
	case strings.Contains(err.Error(), "server preface"):
		return fmt.Errorf("what is at %s does not speak plain gRPC; if it is a mall that encrypts, give --ca", target)
	case strings.Contains(err.Error(), "connect"):
		return fmt.Errorf("there is no mall at %s; start one with: go run ./services/mallbots", target)
	}
	return err
}

// trip is one shopping trip, told on out with the time since it began, and from the checkout on with the time since then.
func trip(client *shopping.Client, out io.Writer) *shopping.Trip {
	began := time.Now()
	return &shopping.Trip{
		Client:     client,
		Tell:       func(step string) { fmt.Fprintf(out, "%6d ms  %s\n", time.Since(began).Milliseconds(), step) },
		CheckedOut: func(string) { began = time.Now() },
		Amount:     moneypb.Text,
	}
}
