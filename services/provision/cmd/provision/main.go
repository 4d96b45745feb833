// Command provision makes what the services need and no repository may hold: passwords, databases, and rights in Redis. It runs in a pod of
// the mall's namespace, as a Job, and may run again at any time.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"mallbots.example/pkg/service"
	"mallbots.example/services/provision"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := provision.Start(ctx, os.Environ()); err != nil {
		service.Fail(err)
	}
}
