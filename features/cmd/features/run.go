package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"mallbots.example/features"
	"mallbots.example/features/target"
	"mallbots.example/pkg/config"
	"mallbots.example/pkg/rpc"
)

// maxConcurrency is far beyond what helps: scenarios of one mall wait for its robots, not for each other.
const maxConcurrency = 64

// Settings are read from the environment.
type Settings struct {
	// Target is the mall or gateway, host:port.
	Target string `env:"MALLBOTS_TARGET" envDefault:"gateway:9000"`
	// Wait is how long it may take to become healthy before the first scenario.
	Wait time.Duration `env:"MALLBOTS_FEATURES_WAIT" envDefault:"2m"`
	// Tags select scenarios, as godog reads them: "@race", "~@race", "@a && ~@b", "@a,@b". Those that need a mall without robots, or with the
	// carrier of the tests, never run.
	Tags string `env:"MALLBOTS_FEATURES_TAGS"`
	// Concurrency is how many scenarios run at a time.
	Concurrency int `env:"MALLBOTS_FEATURES_CONCURRENCY" envDefault:"8"`
	// Report is a folder for the results as Cucumber JSON, which go run ./features/report makes a page of. Empty: they are not written.
	Report string `env:"MALLBOTS_FEATURES_REPORT"`
}

// Validate names the first setting that can't be right.
func (s *Settings) Validate() error {
	switch {
	case s.Wait <= 0:
		return errors.New("MALLBOTS_FEATURES_WAIT must be positive, such as 2m")
	case s.Concurrency < 1 || s.Concurrency > maxConcurrency:
		return fmt.Errorf("MALLBOTS_FEATURES_CONCURRENCY must be from 1 to %d", maxConcurrency)
	}
	return nil
}

// run runs the features and gives an error unless all of them passed.
func run(ctx context.Context, environ []string, out io.Writer) error {
	var settings Settings
	if err := config.Load(environ, &settings); err != nil {
		return err
	}
	if err := settings.Validate(); err != nil {
		return err
	}
	conn, err := rpc.Dial(settings.Target, rpc.ClientConfig{Name: "features"})
	if err != nil {
		return fmt.Errorf("MALLBOTS_TARGET: %w", err)
	}
	defer conn.Close()
	if err := target.Await(ctx, conn, settings.Wait); err != nil {
		return fmt.Errorf("the mall at %s (MALLBOTS_TARGET) %w", settings.Target, err)
	}
	tags := features.AnyMall
	if settings.Tags != "" {
		tags += " && " + settings.Tags
	}
	var count tally
	suite := features.Suite(conn, tags, count.scenario)
	suite.Options.DefaultContext, suite.Options.Output, suite.Options.Concurrency = ctx, out, settings.Concurrency
	if settings.Report != "" {
		if err := os.MkdirAll(settings.Report, 0o750); err != nil {
			return fmt.Errorf("MALLBOTS_FEATURES_REPORT: %w", err)
		}
		suite.Options.Format += ",cucumber:" + filepath.Join(settings.Report, "with-robots.json")
	}
	started := time.Now()
	failed := suite.Run() != 0
	fmt.Fprintf(out, "\n%s in %s\n", &count, time.Since(started).Round(time.Millisecond))
	switch {
	case ctx.Err() != nil:
		return errors.New("stopped before the end")
	case count.scenarios() == 0:
		return fmt.Errorf("MALLBOTS_FEATURES_TAGS: no scenario has the tags %q", settings.Tags)
	case failed:
		return errors.New("the features failed")
	}
	return nil
}
