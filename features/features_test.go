package features_test

import (
	"context"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/cucumber/godog"
	"google.golang.org/grpc"

	"mallbots.example/features/steps"
	"mallbots.example/pkg/rpc"
	"mallbots.example/services/mallbots/mall"
)

// target names the variable that makes the features run against a mall (or a gateway) that is there already.
const target = "MALLBOTS_TARGET"

func TestFeatures(t *testing.T) {
	conn := connect(t)
	suite := godog.TestSuite{
		Name:                "mallbots",
		ScenarioInitializer: func(sc *godog.ScenarioContext) { steps.Register(sc, conn) },
		Options: &godog.Options{
			TestingT: t, Paths: folders(t), Format: "progress", Output: nil,
			Strict: true, Randomize: -1, Concurrency: 2 * runtime.NumCPU(),
		},
	}
	if suite.Run() != 0 {
		t.Fatal("the features failed")
	}
}

// folders are the capabilities: every folder here that holds features.
func folders(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, entry := range entries {
		if entry.IsDir() && entry.Name() != "steps" {
			paths = append(paths, entry.Name())
		}
	}
	return paths
}

// connect gives the mall that the features talk to: the one that MALLBOTS_TARGET names, or one that runs here for as long as the test.
func connect(t *testing.T) grpc.ClientConnInterface {
	t.Helper()
	addr := os.Getenv(target)
	if addr == "" {
		addr = start(t)
	}
	conn, err := rpc.Dial(addr, rpc.ClientConfig{Name: "features"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func start(t *testing.T) string {
	t.Helper()
	environ := slices.DeleteFunc(os.Environ(), func(pair string) bool { return strings.HasPrefix(pair, target+"=") })
	addr, stop, err := mall.Embedded(context.WithoutCancel(t.Context()), environ, func(level slog.Level) *slog.Logger {
		return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: level}))
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("the mall ended with: %v", err)
		}
	})
	return addr
}
