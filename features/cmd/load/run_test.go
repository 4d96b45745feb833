package main

import (
	"bytes"
	"context"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/features/account"
	"mallbots.example/services/mallbots/mall"
)

func embedded(t *testing.T, settings ...string) (addr string) {
	t.Helper()
	addr, stop, err := mall.Embedded(context.WithoutCancel(t.Context()), settings, func(level slog.Level) *slog.Logger {
		return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: level}))
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stop()) })
	return addr
}

func TestOrdersArePlacedAndTheAccountIsClean(t *testing.T) {
	var out bytes.Buffer

	err := run(t.Context(), []string{
		"MALLBOTS_TARGET=" + embedded(t, "MALLBOTS_BOTS_WORK=20ms"), "MALLBOTS_LOAD_RATE=20", "MALLBOTS_LOAD_DURATION=1s", "MALLBOTS_LOAD_STRICT=true",
	}, &out)

	require.NoError(t, err, "%s", &out)
	require.Regexp(t, `\nverdict: clean\n\{.*"placed":[1-9].*\}\n$`, out.String())
}

func TestABrokenAccountIsAnError(t *testing.T) {
	var out bytes.Buffer

	err := verdict(&account.Result{Verdict: "broken", Orders: account.Orders{Lost: 1}}, &out)

	require.ErrorIs(t, err, errBroken)
	require.Contains(t, out.String(), "\nverdict: broken\n{")
}

func TestWhatKeepsTheLoadFromRunningIsNamed(t *testing.T) {
	for says, environ := range map[string][]string{
		"MALLBOTS_RATE is not a setting; known are":                             {"MALLBOTS_RATE=5"},
		"MALLBOTS_LOAD_RATE can't be read as float64":                           {"MALLBOTS_LOAD_RATE=five"},
		"the rate (MALLBOTS_LOAD_RATE) must be from 0.001":                      {"MALLBOTS_LOAD_RATE=-1"},
		"the mall at 127.0.0.1:1 (MALLBOTS_TARGET) is not healthy after 10ms: ": {"MALLBOTS_TARGET=127.0.0.1:1", "MALLBOTS_LOAD_WAIT=10ms"},
		"the patience (MALLBOTS_LOAD_PATIENCE) must be positive":                {"MALLBOTS_LOAD_PATIENCE=-1s"},
		"the clients (MALLBOTS_LOAD_CLIENTS) must be from 1 to 2000":            {"MALLBOTS_LOAD_CLIENTS=0"},
		"the orders (MALLBOTS_LOAD_ORDERS) must be at most 100000":              {"MALLBOTS_LOAD_ORDERS=100001"},
		"the duration (MALLBOTS_LOAD_DURATION) must not be negative":            {"MALLBOTS_LOAD_DURATION=-1s"},
	} {
		require.ErrorContains(t, run(t.Context(), environ, &bytes.Buffer{}), says)
	}
}
