package features_test

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"

	"mallbots.example/features"
	"mallbots.example/pkg/message/disorder"
	"mallbots.example/pkg/rpc"
	"mallbots.example/pkg/service"
	"mallbots.example/services/mallbots/mall"
)

var (
	update = flag.Bool("update", false, "write the tables of README.md anew, from a full run")
	report = flag.String("report", "", "a folder to write the results to, as Cucumber JSON: see ./report")
)

const (
	// target names the variable that makes the features run against a mall (or a gateway) that is there already.
	target = "MALLBOTS_TARGET"
	// fastRobots is the setting of robots that a hundred scenarios need not queue for.
	fastRobots = "MALLBOTS_BOTS_WORK=20ms"
	// noRobots is the setting of a mall whose robots are those that scenarios register.
	noRobots = "MALLBOTS_BOTS_COUNT=0"
)

func TestFeatures(t *testing.T) {
	clearReport(t)
	seen := newRecorder()
	if addr := os.Getenv(target); addr != "" {
		run(t, "with-robots", features.AnyMall, dial(t, addr, seen))
		return
	}
	embedded(t, fastRobots, func(addr string) { run(t, "with-robots", features.WithRobots, dial(t, addr, seen)) })
	embedded(t, noRobots, func(addr string) { run(t, "without-robots", features.WithoutRobots, dial(t, addr, seen)) })
	if t.Failed() || filtered() {
		return // what was seen is not all that there is
	}
	checkEveryRPCIsCalled(t, seen)
	checkEveryRefusalIsTold(t, seen)
	checkREADME(t, seen)
}

// On the worst bus that the promises allow nothing changes for anybody: every message comes one to five times, and in another order.
func TestFeaturesInDisorder(t *testing.T) {
	if os.Getenv(target) != "" {
		t.Log("the bus of a mall that is there already can't be made worse")
		return
	}
	worst := func(o *mall.Options) {
		o.Deliver = func(s service.Subscriber) service.Subscriber { return disorder.Subscriber{Subscriber: s} }
	}
	seen := newRecorder()
	embedded(t, fastRobots, func(addr string) { run(t, "", features.WithRobots, dial(t, addr, seen)) }, worst)
	embedded(t, noRobots, func(addr string) { run(t, "", features.WithoutRobots, dial(t, addr, seen)) }, worst)
}

// run runs the features that have the tags. It reports by the name, if there is one.
func run(t *testing.T, name, tags string, conn grpc.ClientConnInterface) {
	t.Helper()
	suite := features.Suite(conn, tags, noteCalls)
	suite.Options.TestingT, suite.Options.Concurrency = t, 2*runtime.NumCPU()
	if *report != "" && name != "" {
		suite.Options.Format += ",cucumber:" + filepath.Join(*report, name+".json")
	}
	if suite.Run() != 0 {
		t.Error("the features failed")
	}
}

// clearReport removes the results of other runs: a page must not mix them with those of this one.
func clearReport(t *testing.T) {
	t.Helper()
	if *report == "" {
		return
	}
	if err := os.MkdirAll(*report, 0o750); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"with-robots", "without-robots"} {
		if err := os.Remove(filepath.Join(*report, name+".json")); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
}

// filtered reports whether the command line leaves scenarios out.
func filtered() bool {
	return strings.Contains(flag.Lookup("test.run").Value.String(), "/") || flag.Lookup("test.skip").Value.String() != ""
}

func dial(t *testing.T, addr string, seen *recorder) grpc.ClientConnInterface {
	t.Helper()
	conn, err := rpc.Dial(addr, rpc.ClientConfig{Name: "features"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return recorded{ClientConnInterface: conn, seen: seen}
}

// embedded runs a mall for as long as use takes. Two of them never run at once: on real servers they share their data.
func embedded(t *testing.T, setting string, use func(addr string), changes ...func(*mall.Options)) {
	t.Helper()
	name, _, _ := strings.Cut(setting, "=")
	environ := slices.DeleteFunc(os.Environ(), func(pair string) bool {
		return strings.HasPrefix(pair, target+"=") || strings.HasPrefix(pair, name+"=")
	})
	environ = append(environ, setting)
	addr, stop, err := mall.Embedded(context.WithoutCancel(t.Context()), append(environ, carrier(t)...), func(level slog.Level) *slog.Logger {
		return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: level}))
	}, changes...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := stop(); err != nil {
			t.Errorf("the mall ended with: %v", err)
		}
	}()
	use(addr)
}
