// Package mall runs every service of the mall in one process: on SQLite and an in-process Redis, or on real servers.
package mall

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/alicebob/miniredis/v2"
	"google.golang.org/grpc"

	"mallbots.example/pkg/id"
	"mallbots.example/pkg/service"
	"mallbots.example/pkg/store"
	"mallbots.example/services/baskets"
	"mallbots.example/services/bots"
	"mallbots.example/services/cosec"
	"mallbots.example/services/customers"
	"mallbots.example/services/depot"
	"mallbots.example/services/gateway"
	"mallbots.example/services/notifications"
	"mallbots.example/services/ordering"
	"mallbots.example/services/payments"
	"mallbots.example/services/search"
	"mallbots.example/services/stores"
)

// Services are all services of the mall. Of the gateway it is the JSON side alone: gRPC needs no passing on in one process.
func Services() []service.Service { return services(nil) }

// services tells listening, if it is not nil, where JSON is served.
func services(listening func(addr net.Addr)) []service.Service {
	return []service.Service{
		stores.Service(), customers.Service(), baskets.Service(), ordering.Service(), depot.Service(), payments.Service(),
		notifications.Service(), search.Service(), cosec.Service(), bots.Service(), gateway.JSON(listening),
	}
}

// Options say how the mall runs.
type Options struct {
	// Environ holds the settings, as os.Environ gives them. Without MALLBOTS_POSTGRES_URL the databases are SQLite; without
	// MALLBOTS_REDIS_URL Redis is in the process.
	Environ []string
	// DataDir is where SQLite keeps its files; empty: in memory.
	DataDir string
	// NewLog makes the log, of the level that the settings ask for; nil: none.
	NewLog func(level slog.Level) *slog.Logger
	// OnReady is called when everything runs.
	OnReady func(r Ready)
	// Deliver, if not nil, wraps what delivers messages to the services; it is for tests.
	Deliver func(service.Subscriber) service.Subscriber
}

// Ready says where a mall that runs can be reached and what it keeps its data in.
type Ready struct {
	GRPCAddr, AdminAddr, HTTPAddr string
	Databases, Redis              string // for people
	Embedded                      bool   // some part of it is not for production
	Encrypted                     bool
	// Peer gives the connection to a service, as the services have them among themselves.
	Peer func(name string) grpc.ClientConnInterface
}

// defaults are what differs from a service as a process of its own: there is no authentication, so the mall does not leave the machine,
// and its log leaves the terminal to what people are told.
var defaults = []string{
	"MALLBOTS_GRPC_ADDR=127.0.0.1:9000", "MALLBOTS_ADMIN_ADDR=127.0.0.1:9090", "MALLBOTS_HTTP_ADDR=127.0.0.1:8080", "MALLBOTS_LOG_LEVEL=warn",
}

// Run runs the mall until ctx ends.
func Run(ctx context.Context, o Options) error {
	var ready Ready
	services := services(func(addr net.Addr) { ready.HTTPAddr = addr.String() })
	cfg, err := service.LoadConfig(withDefaults(o.Environ, defaults), services...)
	if err != nil {
		return err
	}
	log := slog.New(slog.DiscardHandler)
	if o.NewLog != nil {
		log = o.NewLog(cfg.LogLevel)
	}
	if err := cfg.Validate(false, false); err != nil {
		return err
	}
	ready.Databases, ready.Redis = redacted(cfg.PostgresURL), redacted(cfg.RedisURL)
	if cfg.PostgresURL != "" && o.DataDir != "" {
		return errors.New("--data and MALLBOTS_POSTGRES_URL are both set: the data is kept in one place only")
	}
	databases, err := databases(ctx, cfg, o.DataDir, services)
	if err != nil {
		return err
	}
	if cfg.PostgresURL == "" {
		ready.Databases, ready.Embedded = "SQLite in memory; --data DIR keeps it", true
		if o.DataDir != "" {
			ready.Databases = "SQLite in " + o.DataDir
		}
	}
	if cfg.RedisURL == "" {
		// It keeps nothing: after a restart the outboxes find their streams gone and send again what may not have been consumed.
		server := miniredis.NewMiniRedis()
		if err := server.Start(); err != nil {
			return fmt.Errorf("the in-process Redis: %w", err)
		}
		defer server.Close()
		cfg.RedisURL = "redis://" + server.Addr() + "/0"
		ready.Redis, ready.Embedded = "in the process", true
	}
	p := service.Process{
		Config: cfg, Log: log, Services: services, Local: true, Deliver: o.Deliver,
		DatabaseURL: func(name string) string { return databases[name] },
	}
	ready.Peer, ready.Encrypted = p.Peer, cfg.TLSDir != ""
	p.OnReady = func(grpcAddr, adminAddr string) {
		ready.GRPCAddr, ready.AdminAddr = grpcAddr, adminAddr
		if o.OnReady != nil {
			o.OnReady(ready)
		}
	}
	return p.Run(ctx)
}

// withDefaults adds the settings of defaults that environ does not have.
func withDefaults(environ, defaults []string) []string {
	all := slices.Clone(environ)
	for _, setting := range defaults {
		name, _, _ := strings.Cut(setting, "=")
		set := slices.ContainsFunc(environ, func(pair string) bool {
			return strings.HasPrefix(pair, name+"=") || strings.HasPrefix(pair, name+"_FILE=")
		})
		if !set {
			all = append(all, setting)
		}
	}
	return all
}

// databases gives each service a database of its own: a file, memory, or on Postgres the database <name>_<service>, which is made if it
// does not exist.
func databases(ctx context.Context, cfg service.Config, dataDir string, services []service.Service) (map[string]string, error) {
	urls := map[string]string{}
	if cfg.PostgresURL == "" && dataDir != "" {
		if err := os.MkdirAll(dataDir, 0o700); err != nil {
			return nil, fmt.Errorf("--data: %w", err)
		}
	}
	memory := id.UUIDv7() // two malls in one program share nothing
	for _, s := range services {
		switch {
		case len(s.Schemas) == 0:
		case cfg.PostgresURL != "":
			u, err := url.Parse(cfg.PostgresURL)
			if err != nil {
				return nil, err
			}
			u.Path = "/" + strings.Trim(u.Path, "/") + "_" + s.Name
			urls[s.Name] = u.String()
			if err := store.EnsureDatabase(ctx, u.String()); err != nil {
				return nil, fmt.Errorf("the database of %s at %s (MALLBOTS_POSTGRES_URL) can't be used: %w", s.Name, u.Redacted(), err)
			}
		case dataDir != "":
			path, err := filepath.Abs(filepath.Join(dataDir, s.Name+".db"))
			if err != nil {
				return nil, fmt.Errorf("--data: %w", err)
			}
			urls[s.Name] = "sqlite://" + filepath.ToSlash(path)
		default:
			urls[s.Name] = "sqlite::memory:" + s.Name + "-" + memory
		}
	}
	return urls, nil
}

func redacted(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return ""
	}
	return u.Redacted()
}

// Embedded runs a mall of its own on free ports of this machine, in memory unless environ says otherwise, and gives its address once it
// is ready. stop ends it and gives what Run gave. It is for tests, which may change its options.
func Embedded(
	ctx context.Context, environ []string, newLog func(slog.Level) *slog.Logger, changes ...func(*Options),
) (addr string, stop func() error, err error) {
	ctx, cancel := context.WithCancel(ctx)
	free := net.JoinHostPort("127.0.0.1", "0")
	ready, ended := make(chan string, 1), make(chan error, 1)
	o := Options{
		Environ: withDefaults(environ, []string{"MALLBOTS_GRPC_ADDR=" + free, "MALLBOTS_ADMIN_ADDR=" + free, "MALLBOTS_HTTP_ADDR=" + free}),
		NewLog:  newLog,
		OnReady: func(r Ready) { ready <- r.GRPCAddr },
	}
	for _, change := range changes {
		change(&o)
	}
	go func() { ended <- Run(ctx, o) }()
	select {
	case addr = <-ready:
		return addr, func() error { cancel(); return <-ended }, nil
	case err = <-ended:
		cancel()
		return "", nil, err
	}
}
