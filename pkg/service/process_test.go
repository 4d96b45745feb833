package service_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mallbots.example/pkg/message"
	"mallbots.example/pkg/message/disorder"
	"mallbots.example/pkg/rpc"
	"mallbots.example/pkg/service"
	"mallbots.example/pkg/store"
	"mallbots.example/pkg/store/storetest"
)

var noMigrations = fstest.MapFS{"00001_none.sql": {Data: []byte("-- +goose Up\nSELECT 1;\n")}}

const topic = "test.events"

// deadline bounds everything that a test waits for.
const deadline = 20 * time.Second

// running is a process under test.
type running struct {
	grpc, admin string
	stop        context.CancelFunc
	ended       chan error
}

func config(t *testing.T) service.Config {
	t.Helper()
	cfg, err := service.LoadConfig([]string{
		"MALLBOTS_GRPC_ADDR=127.0.0.1:0", "MALLBOTS_ADMIN_ADDR=127.0.0.1:0", "MALLBOTS_REDIS_URL=redis://" + miniredis.RunT(t).Addr(),
	})
	require.NoError(t, err)
	return cfg
}

func process(t *testing.T, cfg service.Config, services ...service.Service) *service.Process {
	t.Helper()
	urls := map[string]string{}
	for _, s := range services {
		urls[s.Name] = storetest.URLs(t)["sqlite"](t)
	}
	return &service.Process{
		Config: cfg, Log: slog.New(slog.DiscardHandler), Services: services, Local: true,
		DatabaseURL: func(name string) string { return urls[name] },
	}
}

func start(t *testing.T, p *service.Process) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{stop: cancel, ended: make(chan error, 1)}
	ready := make(chan struct{})
	p.OnReady = func(grpcAddr, adminAddr string) {
		r.grpc, r.admin = grpcAddr, adminAddr
		close(ready)
	}
	go func() { r.ended <- p.Run(ctx) }()
	select {
	case <-ready:
	case err := <-r.ended:
		t.Fatalf("it did not start: %v", err)
	case <-time.After(deadline):
		t.Fatal("it did not start in time")
	}
	return r
}

func (r *running) end(t *testing.T) {
	t.Helper()
	r.stop()
	select {
	case err := <-r.ended:
		require.NoError(t, err)
	case <-time.After(deadline):
		t.Fatal("it did not end in time")
	}
}

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	resp, err := http.Get(url)
	require.NoError(t, err)
	defer resp.Body.Close()
	return resp.StatusCode, read(t, resp.Body)
}

func read(t *testing.T, r io.Reader) string {
	t.Helper()
	content, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(content)
}

// freeAddr is an address that was free a moment ago.
func freeAddr(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

func (r *running) awaitReady(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool {
		status, _ := get(t, "http://"+r.admin+"/readyz")
		return status == http.StatusOK
	}, deadline, 10*time.Millisecond)
}

// quiet is a service that only has a database.
func quiet(name string) service.Service {
	return service.Service{Name: name, Schemas: []store.Schema{{Name: name, Migrations: noMigrations}}, Build: func(*service.Runtime) error { return nil }}
}

func TestAMessageSentByOneServiceReachesAnother(t *testing.T) {
	received := make(chan string, 1)
	var send func(ctx context.Context) error
	sender, receiver := quiet("sender"), quiet("receiver")
	sender.Build = func(rt *service.Runtime) error {
		send = func(ctx context.Context) error {
			return rt.DB.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
				rt.Outbox.Publish(ctx, tx, message.Event(topic, "subject", wrapperspb.String("hello")))
				return nil
			})
		}
		return nil
	}
	receiver.Build = func(rt *service.Runtime) error {
		rt.Consume(topic, message.OnEvent(func(_ context.Context, _ *store.Tx, meta message.Meta, e *wrapperspb.StringValue) error {
			received <- meta.Source + " says " + e.GetValue()
			return nil
		}))
		return nil
	}
	p := process(t, config(t), sender, receiver)
	var delivered []service.Subscriber
	p.Deliver = func(s service.Subscriber) service.Subscriber {
		delivered = append(delivered, s)
		return disorder.Subscriber{Subscriber: s}
	}
	r := start(t, p)
	require.NoError(t, send(t.Context()))
	select {
	case got := <-received:
		require.Equal(t, "sender says hello", got)
	case <-time.After(deadline):
		t.Fatal("the message did not arrive")
	}
	r.end(t)
	require.Len(t, delivered, 1, "of the service that consumes, and by the way that the process was given")
}

func TestTheAdminPagesAndHealthTellWhetherItIsReady(t *testing.T) {
	r := start(t, process(t, config(t), quiet("quiet")))
	r.awaitReady(t)
	status, body := get(t, "http://"+r.admin+"/livez")
	require.Equal(t, http.StatusOK, status, body)
	status, body = get(t, "http://"+r.admin+"/metrics")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, "go_goroutines")
	require.Contains(t, body, "\nready 1\n")

	conn, err := rpc.Dial(r.grpc, rpc.ClientConfig{})
	require.NoError(t, err)
	defer conn.Close()
	health, err := healthv1.NewHealthClient(conn).Check(t.Context(), &healthv1.HealthCheckRequest{})
	require.NoError(t, err)
	require.Equal(t, healthv1.HealthCheckResponse_SERVING, health.GetStatus())
	r.end(t)
}

func TestItIsNotReadyFromWhenItDrains(t *testing.T) {
	calling, release := make(chan struct{}), make(chan struct{})
	s := quiet("quiet")
	s.Guard = func(*service.Runtime) (service.Guard, error) {
		return service.Guard{Unary: func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			close(calling)
			<-release
			return handler(ctx, req)
		}}, nil
	}
	r := start(t, process(t, config(t), s))
	conn, err := rpc.Dial(r.grpc, rpc.ClientConfig{})
	require.NoError(t, err)
	defer conn.Close()
	answered := make(chan error, 1)
	go func() {
		_, err := healthv1.NewHealthClient(conn).Check(t.Context(), &healthv1.HealthCheckRequest{})
		answered <- err
	}()
	<-calling
	r.stop()
	require.Eventually(t, func() bool {
		status, body := get(t, "http://"+r.admin+"/readyz")
		return status == http.StatusServiceUnavailable && body == "stopping\n"
	}, deadline, 5*time.Millisecond, "a call is in flight")
	_, metrics := get(t, "http://"+r.admin+"/metrics")
	require.Contains(t, metrics, "\nready 0\n")
	close(release)
	require.NoError(t, <-answered)
	require.NoError(t, <-r.ended)
}

func TestItIsNotReadyWithoutRedisButAlive(t *testing.T) {
	redis := miniredis.RunT(t)
	cfg := config(t)
	cfg.RedisURL = "redis://" + redis.Addr()
	r := start(t, process(t, cfg, quiet("quiet")))
	r.awaitReady(t)
	redis.Close()
	require.Eventually(t, func() bool {
		status, body := get(t, "http://"+r.admin+"/readyz")
		return status == http.StatusServiceUnavailable && len(body) > 0
	}, deadline, 10*time.Millisecond)
	status, _ := get(t, "http://"+r.admin+"/livez")
	require.Equal(t, http.StatusOK, status)
	require.NoError(t, redis.Restart())
	r.awaitReady(t)
	r.end(t)
}

func TestALoopThatEndsOrPanicsIsStartedAgain(t *testing.T) {
	var starts atomic.Int32
	looping := quiet("looping")
	steady := make(chan struct{})
	looping.Build = func(rt *service.Runtime) error {
		rt.Go("loop", func(ctx context.Context) error {
			switch starts.Add(1) {
			case 1:
				return errors.New("one bad moment")
			case 2:
				panic("and another")
			}
			close(steady)
			<-ctx.Done()
			return ctx.Err()
		})
		return nil
	}
	r := start(t, process(t, config(t), looping))
	select {
	case <-steady:
	case <-time.After(deadline):
		t.Fatal("the loop was not started again")
	}
	r.awaitReady(t)
	r.end(t)
}

func TestWhatKeepsItFromStartingIsNamed(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	broken := quiet("broken")
	broken.Build = func(*service.Runtime) error { return errors.New("no wiring") }
	for name, test := range map[string]struct {
		change  func(p *service.Process)
		service service.Service
		says    []string
	}{
		"used gRPC port":  {func(p *service.Process) { p.Config.GRPCAddr = taken.Addr().String() }, quiet("q"), []string{"MALLBOTS_GRPC_ADDR", taken.Addr().String()}},
		"used admin port": {func(p *service.Process) { p.Config.AdminAddr = taken.Addr().String() }, quiet("q"), []string{"MALLBOTS_ADMIN_ADDR"}},
		"no Redis":        {func(p *service.Process) { p.Config.RedisURL = "redis://user:secret@127.0.0.1:1/0" }, quiet("q"), []string{"MALLBOTS_REDIS_URL", "127.0.0.1:1"}},
		"no database": {func(p *service.Process) {
			p.DatabaseURL = nil
			p.Config.PostgresURL = "postgres://u:secret@127.0.0.1:1/db"
		}, quiet("q"), []string{"127.0.0.1:1", "q: "}},
		"a service's word": {func(*service.Process) {}, broken, []string{"broken: no wiring"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := process(t, config(t), test.service)
			test.change(p)
			err := p.Run(t.Context())
			require.Error(t, err)
			for _, words := range test.says {
				require.ErrorContains(t, err, words)
			}
			require.NotContains(t, err.Error(), "secret")
		})
	}
}

func TestSettingsThatCannotBeRightAreNamed(t *testing.T) {
	for name, test := range map[string]struct {
		change func(c *service.Config)
		says   string
	}{
		"no port":          {func(c *service.Config) { c.GRPCAddr = "localhost" }, "MALLBOTS_GRPC_ADDR"},
		"no admin port":    {func(c *service.Config) { c.AdminAddr = "9090" }, "MALLBOTS_ADMIN_ADDR"},
		"a peer's address": {func(c *service.Config) { c.Peers = map[string]string{"stores": "stores"} }, "MALLBOTS_PEERS: the address of stores"},
		"no drain":         {func(c *service.Config) { c.DrainTimeout = 0 }, "MALLBOTS_DRAIN_TIMEOUT"},
		"no time to start": {func(c *service.Config) { c.StartTimeout = -1 }, "MALLBOTS_START_TIMEOUT"},
		"no database":      {func(c *service.Config) { c.PostgresURL = "" }, "MALLBOTS_POSTGRES_URL is not set"},
		"another database": {func(c *service.Config) { c.PostgresURL = "mysql://u:secret@h/db" }, `MALLBOTS_POSTGRES_URL begins with "mysql"`},
		"not a URL":        {func(c *service.Config) { c.PostgresURL = "host=localhost password=secret" }, "MALLBOTS_POSTGRES_URL is not a URL"},
		"no Redis":         {func(c *service.Config) { c.RedisURL = "" }, "MALLBOTS_REDIS_URL is not set"},
		"another Redis":    {func(c *service.Config) { c.RedisURL = "http://:secret@h" }, `MALLBOTS_REDIS_URL begins with "http"`},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(t)
			cfg.PostgresURL = "postgres://u:secret@localhost/db"
			require.NoError(t, cfg.Validate(true, true))
			test.change(&cfg)
			err := cfg.Validate(true, true)
			require.ErrorContains(t, err, test.says)
			require.NotContains(t, err.Error(), "secret")
		})
	}
}
