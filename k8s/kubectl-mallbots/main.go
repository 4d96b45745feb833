// Command kubectl-mallbots is the kubectl plugin for a mall on Kubernetes:
//
//	kubectl mallbots status            whether all is well, a row a service
//	kubectl mallbots orders get ID     one order
//	kubectl mallbots orders watch ID   one order, each change as it happens
//	kubectl mallbots logs ORDER        what every service logged about one order, by time
//	kubectl mallbots demo              places one order, and prints each step as it happens
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"mallbots.example/k8s/kubectl-mallbots/internal/cli"
)

func main() { os.Exit(run()) }

// run gives the exit code.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := cli.New().ExecuteContext(ctx)
	switch {
	case err == nil:
		return 0
	case ctx.Err() != nil: // told to stop, as a watch ends
	case errors.Is(err, cli.ErrNotWell): // said in the table's last line
	default:
		fmt.Fprintln(os.Stderr, "error: "+strings.Join(strings.Fields(err.Error()), " "))
	}
	return 1
}
