package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"mallbots.example/features/account"
	"mallbots.example/features/target"
	"mallbots.example/pkg/config"
)

// Settings are read from the environment.
type Settings struct {
	// Target is the mall or gateway, host:port.
	Target string `env:"MALLBOTS_TARGET" envDefault:"gateway:9000"`
	// Wait is how long it may take to become healthy before the first order.
	Wait time.Duration `env:"MALLBOTS_LOAD_WAIT" envDefault:"2m"`
	// Rate is how many orders are placed in a second.
	Rate float64 `env:"MALLBOTS_LOAD_RATE" envDefault:"5"`
	// Duration is how long orders are placed; 0: until the program is told to stop, or there are Orders of them.
	Duration time.Duration `env:"MALLBOTS_LOAD_DURATION" envDefault:"0"`
	// Orders is how many are placed at most.
	Orders int `env:"MALLBOTS_LOAD_ORDERS" envDefault:"100000"`
	// Clients is how many orders may be under way at once.
	Clients int `env:"MALLBOTS_LOAD_CLIENTS" envDefault:"200"`
	// Patience is how long a call is tried again, how long orders may take to end once no more are placed, and how long what follows from
	// that may take.
	Patience time.Duration `env:"MALLBOTS_LOAD_PATIENCE" envDefault:"2m"`
	// Seed says what customers want; 0: another each time. It is printed.
	Seed uint64 `env:"MALLBOTS_LOAD_SEED" envDefault:"0"`
	// Strict makes every failed call break the verdict, though it was answered when it was made again.
	Strict bool `env:"MALLBOTS_LOAD_STRICT" envDefault:"false"`
}

// errBroken is not told twice: the verdict says it.
var errBroken = errors.New("the verdict is broken")

// run places orders until ctx or the duration ends, and gives an error unless the account is clean.
func run(ctx context.Context, environ []string, out io.Writer) error {
	var settings Settings
	if err := config.Load(environ, &settings); err != nil {
		return err
	}
	if settings.Seed == 0 {
		settings.Seed = rand.Uint64()
	}
	load, err := account.New(account.Config{
		Target: settings.Target, Rate: settings.Rate, Duration: settings.Duration, Clients: settings.Clients, Orders: settings.Orders,
		Patience: settings.Patience, Seed: settings.Seed, Strict: settings.Strict,
		Tell: func(line string) { fmt.Fprintf(out, "%s %s\n", time.Now().UTC().Format(time.TimeOnly), line) },
	})
	if err != nil {
		return err
	}
	defer load.Close()
	if err := target.Await(ctx, load.Conn(), settings.Wait); err != nil {
		return fmt.Errorf("the mall at %s (MALLBOTS_TARGET) %w", settings.Target, err)
	}
	result, err := load.Run(ctx)
	if err != nil {
		return err
	}
	return verdict(result, out)
}

// verdict says how the account stands.
func verdict(result *account.Result, out io.Writer) error {
	if err := result.Write(out); err != nil {
		return err
	}
	if !result.Clean() {
		return errBroken
	}
	return nil
}
