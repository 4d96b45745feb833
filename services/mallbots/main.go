// Command mallbots runs the whole mall in one process, and shops in a mall that runs.
//
//	go run ./services/mallbots          the mall: SQLite and Redis in the process, nothing to install
//	go run ./services/mallbots demo     one order, each step as it happens
//	go run ./services/mallbots bench    many orders, and how long they take
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"mallbots.example/pkg/service"
	"mallbots.example/services/mallbots/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := cli.New(os.Environ()).ExecuteContext(ctx); err != nil {
		service.Fail(err)
	}
}
