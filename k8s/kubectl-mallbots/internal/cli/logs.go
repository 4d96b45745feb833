package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"mallbots.example/k8s/kubectl-mallbots/internal/orderlog"
)

func newLogs(connect connect) *cobra.Command {
	var out output
	var since time.Duration
	var follow bool
	cmd := &cobra.Command{
		Use:   "logs ORDER",
		Short: "Show what every service has logged about an order, by time",
		Long: `Shows the lines of all services' logs that name an order, in the order of time: each message that was sent or took effect on the order's
way, each command that was refused, and what failed. Reads the logs of all pods of the mall, also those of containers that died and were
started again, as far as Kubernetes keeps them.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := uuid.Parse(args[0])
			if err != nil {
				return fmt.Errorf("ORDER must be the id of an order, such as 0198c1b2-7d3e-7c4a-9a41-5d2f6f0e8b11, not %q", args[0])
			}
			if since < 0 {
				return fmt.Errorf("--since must not be negative, is %v", since)
			}
			c, err := connect()
			if err != nil {
				return err
			}
			var from time.Time
			if since > 0 {
				from = time.Now().Add(-since)
			}
			show := func(line orderlog.Line) error {
				if out.json() {
					return line.JSON(cmd.OutOrStdout())
				}
				return line.Write(cmd.OutOrStdout(), id.String())
			}
			return showLogs(cmd.Context(), c, from, id.String(), follow, show, cmd.ErrOrStderr())
		},
	}
	out.addTo(cmd)
	cmd.Flags().DurationVar(&since, "since", 0, "only lines that are not older than this, such as 10m; default: all that is kept")
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on with new lines as they come, until Ctrl-C")
	return cmd
}

// showLogs shows the lines of an order. notes gets what is not about the order.
func showLogs(
	ctx context.Context, logs orderlog.Logs, from time.Time, orderID string, follow bool, show func(orderlog.Line) error, notes io.Writer,
) error {
	warn := func(err error) { fmt.Fprintln(notes, "warning:", err) }
	collected, err := orderlog.Collect(ctx, logs, from, orderID)
	if err != nil {
		return err
	}
	for _, err := range collected.Failed {
		warn(err)
	}
	if collected.Cut {
		warn(fmt.Errorf("only the last %d lines are shown", len(collected.Lines)))
	}
	for _, line := range collected.Lines {
		if err := show(line); err != nil {
			return err
		}
	}
	if follow {
		return orderlog.Follow(ctx, logs, collected.Read, orderID, show, warn)
	}
	if len(collected.Lines) == 0 {
		return fmt.Errorf("no log of %d tells of order %s: it may be older than the logs that are kept, or --since", len(collected.Read), orderID)
	}
	return nil
}
