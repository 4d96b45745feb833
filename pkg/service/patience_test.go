package service_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/service"
	"mallbots.example/pkg/store/storetest"
)

func TestAStartWaitsForARedisThatIsLateAndSaysSo(t *testing.T) {
	redis := miniredis.RunT(t)
	addr := redis.Addr()
	redis.Close()
	cfg := config(t)
	cfg.RedisURL = "redis://user:secret@" + addr
	cfg.StartTimeout = deadline
	cfg.AdminAddr = freeAddr(t)
	p := process(t, cfg, quiet("quiet"))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	ready := make(chan struct{})
	p.OnReady = func(string, string) { close(ready) }
	go func() { ended <- p.Run(ctx) }()

	var body string
	require.Eventually(t, func() bool {
		resp, err := http.Get("http://" + cfg.AdminAddr + "/readyz")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		body = read(t, resp.Body)
		return resp.StatusCode == http.StatusServiceUnavailable && body != "starting\n"
	}, deadline, 5*time.Millisecond)
	require.Contains(t, body, "MALLBOTS_REDIS_URL")
	require.NotContains(t, body, "secret")
	status, _ := get(t, "http://"+cfg.AdminAddr+"/livez")
	require.Equal(t, http.StatusOK, status)
	_, metrics := get(t, "http://"+cfg.AdminAddr+"/metrics")
	require.Contains(t, metrics, "\nready 0\n")

	redis.RequireUserAuth("user", "secret")
	require.NoError(t, redis.Restart())
	select {
	case <-ready:
	case err := <-ended:
		t.Fatalf("it did not start: %v", err)
	case <-time.After(deadline):
		t.Fatal("it did not start in time")
	}
	stop()
	require.NoError(t, <-ended)
}

func TestAStartThatWaitsCanBeStopped(t *testing.T) {
	cfg := config(t)
	cfg.RedisURL = "redis://127.0.0.1:1/0"
	cfg.StartTimeout = time.Hour
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	p := process(t, cfg, quiet("quiet"))
	go func() { ended <- p.Run(ctx) }()
	stop()
	select {
	case err := <-ended:
		require.Error(t, err)
	case <-time.After(deadline):
		t.Fatal("it went on waiting")
	}
}

func TestPatienceEndsWithTheLastError(t *testing.T) {
	cfg := config(t)
	cfg.RedisURL = "redis://127.0.0.1:1/0"
	cfg.StartTimeout = 250 * time.Millisecond
	require.ErrorContains(t, process(t, cfg, quiet("quiet")).Run(t.Context()), "MALLBOTS_REDIS_URL")
}

func TestMigrateMakesTheTablesAndEnds(t *testing.T) {
	for name, url := range storetest.URLs(t) {
		if name == "sqlite" {
			continue // a process of its own takes no other than Postgres
		}
		t.Run(name, func(t *testing.T) {
			environ := []string{"MALLBOTS_POSTGRES_URL=" + url(t)}
			require.NoError(t, service.Migrate(t.Context(), quiet("quiet"), environ))
			require.NoError(t, service.Migrate(t.Context(), quiet("quiet"), environ), "again")
		})
	}
}

func TestMigrateSaysWhatKeepsItFromIt(t *testing.T) {
	for name, test := range map[string]struct {
		environ []string
		says    string
	}{
		"no database":        {nil, "MALLBOTS_POSTGRES_URL is not set"},
		"one out of reach":   {[]string{"MALLBOTS_POSTGRES_URL=postgres://u:secret@127.0.0.1:1/db"}, "127.0.0.1:1"},
		"a setting too many": {[]string{"MALLBOTS_POSTGRES=x"}, "MALLBOTS_POSTGRES is not a setting"},
	} {
		t.Run(name, func(t *testing.T) {
			err := service.Migrate(t.Context(), quiet("quiet"), test.environ)
			require.ErrorContains(t, err, test.says)
			require.NotContains(t, err.Error(), "secret")
		})
	}
	require.ErrorContains(t, service.Migrate(t.Context(), service.Service{Name: "bots"}, nil), "bots has no database")
}

func TestAProgramOfAServiceTakesNoOtherArgument(t *testing.T) {
	require.ErrorContains(t, service.Command(t.Context(), quiet("quiet"), []string{"migrat"}, nil), `quiet takes no arguments, or migrate; it was given ["migrat"]`)
	require.ErrorContains(t, service.Command(t.Context(), quiet("quiet"), []string{"migrate"}, nil), "MALLBOTS_POSTGRES_URL is not set")
}
