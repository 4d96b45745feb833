package service

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"mallbots.example/pkg/config"
	"mallbots.example/pkg/telemetry"
)

// Main runs one service as a process of its own and exits: 0 after it was told to stop, 1 with one line that says what is wrong. With the
// argument "migrate" it brings the database up to date instead, and exits when that is done.
func Main(s Service) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, s, os.Args[1:], os.Environ()); err != nil {
		Fail(err)
	}
}

// command does what the arguments of a service's program ask for.
func command(ctx context.Context, s Service, args, environ []string) error {
	switch {
	case len(args) == 0:
		return Start(ctx, s, environ)
	case len(args) == 1 && args[0] == "migrate":
		return Migrate(ctx, s, environ)
	default:
		return fmt.Errorf("%s takes no arguments, or migrate; it was given %q", s.Name, args)
	}
}

// Start runs one service with the settings in environ until ctx ends.
func Start(ctx context.Context, s Service, environ []string) error {
	cfg, err := LoadConfig(environ, s)
	if err != nil {
		return err
	}
	if err := cfg.Validate(len(s.Schemas) > 0, len(s.Schemas) > 0); err != nil {
		return err
	}
	log := telemetry.NewLogger(os.Stderr, cfg.LogLevel)
	p := Process{Config: cfg, Log: log, Services: []Service{s}, OnReady: func(grpcAddr, adminAddr string) {
		log.Info("listening", "service", s.Name, "grpc", grpcAddr, "admin", adminAddr)
	}}
	return p.Run(ctx)
}

// LoadConfig reads the settings of a process and those of its services.
func LoadConfig(environ []string, services ...Service) (Config, error) {
	var cfg Config
	targets := []any{&cfg}
	for _, s := range services {
		if s.Settings != nil {
			targets = append(targets, s.Settings)
		}
	}
	return cfg, config.Load(environ, targets...)
}

// Fail ends the process with one line, however many things went wrong.
func Fail(err error) {
	if errors.Is(err, context.Canceled) {
		os.Exit(0)
	}
	fmt.Fprintln(os.Stderr, "error: "+strings.Join(strings.Fields(strings.ReplaceAll(err.Error(), "\n", "; ")), " "))
	os.Exit(1)
}
