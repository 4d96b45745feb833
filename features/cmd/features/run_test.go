package main

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"mallbots.example/services/mallbots/mall"
)

func TestTheFeaturesRunAgainstAMallAndAreCountedAndReported(t *testing.T) {
	addr, stop, err := mall.Embedded(context.WithoutCancel(t.Context()), []string{"MALLBOTS_BOTS_WORK=20ms"}, func(level slog.Level) *slog.Logger {
		return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: level}))
	})
	require.NoError(t, err)
	defer func() { require.NoError(t, stop()) }()
	var out bytes.Buffer
	report := filepath.Join(t.TempDir(), "new", "folder")

	err = run(t.Context(), []string{"MALLBOTS_TARGET=" + addr, "MALLBOTS_FEATURES_TAGS=@race", "MALLBOTS_FEATURES_REPORT=" + report}, &out)

	require.NoError(t, err, "%s", &out)
	require.Regexp(t, `\nfeatures: [1-9]\d* scenarios passed, 0 failed; [1-9]\d* steps passed, 0 failed, 0 not run in .+s\n$`, out.String())
	results, err := os.ReadFile(filepath.Join(report, "with-robots.json"))
	require.NoError(t, err)
	require.Contains(t, string(results), `"status": "passed"`)
}

// hollow serves health, and knows nothing else.
func hollow(t *testing.T, is healthv1.HealthCheckResponse_ServingStatus, code codes.Code) (addr string) {
	t.Helper()
	server := grpc.NewServer(grpc.UnknownServiceHandler(func(any, grpc.ServerStream) error { return status.Error(code, "nothing here") }))
	checks := health.NewServer()
	checks.SetServingStatus("", is)
	healthv1.RegisterHealthServer(server, checks)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

func TestARunThatFailsNamesEachStepAndItsError(t *testing.T) {
	var out bytes.Buffer

	err := run(t.Context(), []string{
		"MALLBOTS_TARGET=" + hollow(t, healthv1.HealthCheckResponse_SERVING, codes.NotFound), "MALLBOTS_FEATURES_TAGS=@race",
	}, &out)

	require.EqualError(t, err, "the features failed")
	require.Contains(t, out.String(), "Failed steps:")
	require.Contains(t, out.String(), "Scenario: A cancel either wins or comes too late # ordering/cancellations.feature:")
	require.Contains(t, out.String(), "Error: rpc error: code = NotFound desc = nothing here")
	require.Regexp(t, `\nfeatures: 0 scenarios passed, [1-9]\d* failed; 0 steps passed, [1-9]\d* failed, [1-9]\d* not run in .+s\n$`, out.String())
}

func TestARunThatIsStoppedDoesNotPass(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	addr := hollow(t, healthv1.HealthCheckResponse_SERVING, codes.NotFound)
	out := &canceling{cancel: cancel}

	require.EqualError(t, run(ctx, []string{"MALLBOTS_TARGET=" + addr}, out), "stopped before the end")
}

// canceling cancels as soon as something is written.
type canceling struct {
	bytes.Buffer
	cancel context.CancelFunc
}

// Write implements io.Writer.
func (c *canceling) Write(p []byte) (int, error) {
	c.cancel()
	return c.Buffer.Write(p)
}

func TestWhatKeepsTheFeaturesFromRunningIsSaidInOneLine(t *testing.T) {
	serving, away := hollow(t, healthv1.HealthCheckResponse_SERVING, codes.NotFound), hollow(t, healthv1.HealthCheckResponse_SERVING, codes.Unavailable)
	draining := hollow(t, healthv1.HealthCheckResponse_NOT_SERVING, codes.NotFound)
	for name, test := range map[string]struct {
		environ []string
		says    string
	}{
		"a setting that nobody knows": {[]string{"MALLBOTS_FEATURE_TAGS=@race"}, "MALLBOTS_FEATURE_TAGS is not a setting; known are MALLBOTS_FEATURES_CONCURRENCY"},
		"no time to wait":             {[]string{"MALLBOTS_FEATURES_WAIT=0s"}, "MALLBOTS_FEATURES_WAIT must be positive"},
		"nothing at a time":           {[]string{"MALLBOTS_FEATURES_CONCURRENCY=0"}, "MALLBOTS_FEATURES_CONCURRENCY must be from 1 to 64"},
		"too much at a time":          {[]string{"MALLBOTS_FEATURES_CONCURRENCY=65"}, "MALLBOTS_FEATURES_CONCURRENCY must be from 1 to 64"},
		"a tag that nobody has": {
			[]string{"MALLBOTS_TARGET=" + serving, "MALLBOTS_FEATURES_TAGS=@rce"}, `MALLBOTS_FEATURES_TAGS: no scenario has the tags "@rce"`,
		},
		"nobody there": {
			[]string{"MALLBOTS_TARGET=127.0.0.1:1", "MALLBOTS_FEATURES_WAIT=10ms"},
			"the mall at 127.0.0.1:1 (MALLBOTS_TARGET) is not healthy after 10ms: ",
		},
		"a mall that drains": {
			[]string{"MALLBOTS_TARGET=" + draining, "MALLBOTS_FEATURES_WAIT=3s"}, "is not healthy after 3s: it says NOT_SERVING",
		},
		"a service that is away": {
			[]string{"MALLBOTS_TARGET=" + away, "MALLBOTS_FEATURES_WAIT=4s"}, ": rpc error: code = Unavailable desc = nothing here",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			err := run(t.Context(), test.environ, &out)
			require.ErrorContains(t, err, test.says)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}
