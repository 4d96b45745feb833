package rpc

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"

	"mallbots.example/pkg/fault"
)

func TestRecovery_a_panic_is_internal_and_the_server_lives_on(t *testing.T) {
	var logs logBuffer
	metrics := prometheus.NewRegistry()
	_, client := startTest(t, ServerConfig{Logger: logs.logger(slog.LevelInfo), Registerer: metrics}, &testService{
		unary: func(_ context.Context, req *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
			if req.GetPayload() != nil {
				panic(secret)
			}
			return &testpb.SimpleResponse{}, nil
		},
		duplex: func(testpb.TestService_FullDuplexCallServer) error { panic(errors.New(secret)) },
	})
	_, err := client.UnaryCall(t.Context(), &testpb.SimpleRequest{Payload: payload("boom")})
	if st := status.Convert(err); st.Code() != codes.Internal || st.Message() != textInternal {
		t.Errorf("unary: %v", err)
	}
	stream, err := client.FullDuplexCall(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); status.Convert(err).Message() != textInternal {
		t.Errorf("stream: %v", err)
	}
	if _, err := client.UnaryCall(t.Context(), &testpb.SimpleRequest{}); err != nil {
		t.Errorf("the next call: %v", err)
	}
	for _, want := range []string{"level=ERROR", secret, "answer_test.go"} { // the last one is in the stack
		if !strings.Contains(logs.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, logs.String())
		}
	}
	const want = `
		# HELP rpc_server_panics_total Calls whose handler panicked.
		# TYPE rpc_server_panics_total counter
		rpc_server_panics_total{method="/grpc.testing.TestService/FullDuplexCall"} 1
		rpc_server_panics_total{method="/grpc.testing.TestService/UnaryCall"} 1
	`
	if err := testutil.GatherAndCompare(metrics, strings.NewReader(want), "rpc_server_panics_total"); err != nil {
		t.Error(err)
	}
}

func TestAnswers_never_hold_infrastructure_text_but_the_log_does(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		level string
	}{"a bug": {errors.New(secret), "ERROR"}, "something away": {downDatabase{}, "WARN"}} {
		t.Run(name, func(t *testing.T) {
			var logs logBuffer
			_, client := startTest(t, ServerConfig{Logger: logs.logger(slog.LevelInfo)}, &testService{
				unary: func(context.Context, *testpb.SimpleRequest) (*testpb.SimpleResponse, error) { return nil, c.err },
			})
			_, err := client.UnaryCall(t.Context(), &testpb.SimpleRequest{Payload: payload("a body")})
			if strings.Contains(status.Convert(err).Proto().String(), "10.1.2.3") {
				t.Errorf("the client was told %v", err)
			}
			if got := logs.String(); !strings.Contains(got, "level="+c.level) || !strings.Contains(got, secret) || strings.Contains(got, "a body") {
				t.Errorf("log:\n%s", got)
			}
		})
	}
}

func TestAnswers_a_method_that_is_not_implemented(t *testing.T) {
	_, client := startTest(t, ServerConfig{}, &testService{})
	if _, err := client.EmptyCall(t.Context(), &testpb.Empty{}); status.Code(err) != codes.Unimplemented {
		t.Errorf("got %v", err)
	}
}

func TestAccessLog_is_silent_above_debug_about_refusals_and_always_about_health(t *testing.T) {
	for level, lines := range map[slog.Level]int{slog.LevelDebug: 1, slog.LevelInfo: 0} {
		var logs logBuffer
		server, client := startTest(t, ServerConfig{Logger: logs.logger(level)}, &testService{
			unary: func(context.Context, *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
				return nil, fault.Refuse("BOT_BUSY", "bot of Jane Doe is busy")
			},
		})
		_, _ = client.UnaryCall(t.Context(), &testpb.SimpleRequest{Payload: payload("a body")})
		if _, err := healthpb.NewHealthClient(dial(t, server.addr, ClientConfig{})).Check(t.Context(), &healthpb.HealthCheckRequest{}); err != nil {
			t.Error(err)
		}
		got := logs.String()
		if strings.Count(got, "\n") != lines || strings.Contains(got, "a body") || strings.Contains(got, "Jane") {
			t.Errorf("%v:\n%s", level, got)
		}
		if lines > 0 && (!strings.Contains(got, "code=FailedPrecondition") || !strings.Contains(got, "reason=BOT_BUSY")) {
			t.Errorf("%v:\n%s", level, got)
		}
	}
}

func TestMetrics_count_calls_by_method_and_code_with_bounded_labels(t *testing.T) {
	metrics := prometheus.NewRegistry()
	none := NewProxy(func(string) (grpc.ClientConnInterface, error) { return nil, nil })
	server := startThings(t, ServerConfig{Registerer: metrics, Unknown: none}, echoThing)
	other := startThings(t, ServerConfig{Registerer: metrics}, echoThing) // shares the registerer
	conn := dial(t, server.addr, ClientConfig{})
	_, _ = invoke(t.Context(), conn, getThing, newThing("x"))
	_, _ = invoke(t.Context(), conn, getThing, newThing(""))
	_, _ = invoke(t.Context(), conn, "/made.up/Name1", newThing("x"))
	_, _ = invoke(t.Context(), conn, "/made.up/Name2", newThing("x"))
	_, _ = invoke(t.Context(), dial(t, other.addr, ClientConfig{}), getThing, newThing("x"))
	const want = `
		# HELP rpc_server_requests_total Calls that ended, by full method and status code.
		# TYPE rpc_server_requests_total counter
		rpc_server_requests_total{code="InvalidArgument",method="/mallbots.rpctest.v1.ThingService/GetThing"} 1
		rpc_server_requests_total{code="OK",method="/mallbots.rpctest.v1.ThingService/GetThing"} 2
		rpc_server_requests_total{code="Unimplemented",method="unknown"} 2
	`
	if err := testutil.GatherAndCompare(metrics, strings.NewReader(want), "rpc_server_requests_total"); err != nil {
		t.Error(err)
	}
	if n, err := testutil.GatherAndCount(metrics, "rpc_server_duration_seconds"); err != nil || n != 1 {
		t.Errorf("%d histograms, %v", n, err)
	}
}
