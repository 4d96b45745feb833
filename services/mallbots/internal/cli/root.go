// Package cli is the command line of the mall.
package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"mallbots.example/api/shopping"
	"mallbots.example/pkg/telemetry"
	"mallbots.example/services/mallbots/mall"
)

// New is the command mallbots with the settings in environ.
func New(environ []string) *cobra.Command {
	var dataDir string
	var empty bool
	cmd := &cobra.Command{
		Use:   "mallbots",
		Short: "Run the whole mall in one process",
		Long: `Runs every service of the mall in one process: on SQLite and a Redis in the process, with nothing to install, or with
MALLBOTS_POSTGRES_URL and MALLBOTS_REDIS_URL on real servers. Opens some stores if there are none, and sends bots to work.`,
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return run(cmd.Context(), cmd.OutOrStdout(), mall.Options{
				Environ: environ, DataDir: dataDir,
				NewLog: func(level slog.Level) *slog.Logger { return telemetry.NewLogger(os.Stderr, level) },
			}, !empty)
		},
	}
	cmd.Flags().StringVar(&dataDir, "data", "", "keep the data of the embedded databases in this folder")
	cmd.Flags().BoolVar(&empty, "empty", false, "open no stores in an empty mall")
	cmd.AddCommand(newDemo(), newBench())
	return cmd
}

// run runs the mall, and tells on out where it is.
func run(ctx context.Context, out io.Writer, options mall.Options, seedStores bool) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	seeded := make(chan struct{})
	started := false
	tell := options.OnReady
	options.OnReady = func(r mall.Ready) {
		started = true
		announce(out, r)
		if tell != nil {
			tell(r)
		}
		go func() {
			defer close(seeded)
			if !seedStores {
				return
			}
			if err := openStores(ctx, out, r); err != nil && ctx.Err() == nil {
				fail(fmt.Errorf("opening the stores: %w", err))
			}
		}()
	}
	err := mall.Run(ctx, options)
	if started {
		<-seeded
	}
	if cause := context.Cause(ctx); err == nil && cause != nil && cause != context.Canceled { //nolint:errorlint // the very value of a plain cancel
		return cause
	}
	if err == nil {
		fmt.Fprintln(out, "The mall is closed.")
	}
	return err
}

func announce(out io.Writer, r mall.Ready) {
	fmt.Fprintln(out, "The mall is open.")
	fmt.Fprintf(out, "  gRPC       %s (health, reflection)\n", r.GRPCAddr)
	scheme := "http"
	if r.Encrypted {
		scheme = "https"
	}
	fmt.Fprintf(out, "  JSON       %s://%s/ to try it on, /openapi.json\n", scheme, r.HTTPAddr)
	fmt.Fprintf(out, "  admin      http://%s/readyz, /livez, /metrics\n", r.AdminAddr)
	fmt.Fprintf(out, "  databases  %s\n", r.Databases)
	fmt.Fprintf(out, "  Redis      %s\n", r.Redis)
	if r.Embedded {
		fmt.Fprintln(out, "  This is the embedded mode: for trying and learning, not for production.")
	}
	fmt.Fprintln(out, "Place an order:  go run ./services/mallbots demo      Stop: Ctrl-C")
}

func openStores(ctx context.Context, out io.Writer, r mall.Ready) error {
	made, err := shopping.NewClient(r.Peer("stores")).OpenStores(ctx)
	if made.Stores > 0 {
		fmt.Fprintf(out, "Opened %d stores with %d products.\n", made.Stores, made.Products)
	}
	return err
}
