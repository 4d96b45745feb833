// Command load places orders steadily in a mall that runs, and gives an account of what its customers were told: whether each order came to
// one end, once, with its money, stock, lists and messages. See Settings for what can be set, and the README of the features.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // who says it twice does not want to wait for the account
	err := run(ctx, os.Environ(), os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}
