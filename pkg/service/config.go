package service

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"
	"time"
)

// Config is every setting that all services have. See Settings of a service for what only it has.
type Config struct {
	// GRPCAddr is where gRPC is served, host:port.
	GRPCAddr string `env:"MALLBOTS_GRPC_ADDR" envDefault:":9000"`
	// AdminAddr is where /livez, /readyz and /metrics are served, host:port. Not for the public.
	AdminAddr string `env:"MALLBOTS_ADMIN_ADDR" envDefault:":9090"`
	// PostgresURL is the service's own database, postgres://user:password@host:port/database. Secret: also as MALLBOTS_POSTGRES_URL_FILE.
	PostgresURL string `env:"MALLBOTS_POSTGRES_URL"`
	// RedisURL is the transport, redis://user:password@host:port/0. Secret: also as MALLBOTS_REDIS_URL_FILE.
	RedisURL string `env:"MALLBOTS_REDIS_URL"`
	// TLSDir is a folder with tls.crt, tls.key and ca.crt (see package certs). With it, everything that speaks gRPC, and JSON over HTTP, is
	// encrypted, and services know each other by their certificates. The admin pages stay plain. Empty: no encryption.
	TLSDir string `env:"MALLBOTS_TLS_DIR"`
	// Peers says where other services answer, name=host:port,…; those not named are at name:9000.
	Peers map[string]string `env:"MALLBOTS_PEERS" envKeyValSeparator:"="`
	// Instance names this process among the consumers of its group. Two that run at the same time must differ; one that is started again
	// should have its old name, so that it goes on with what it had in hand. Empty: the host's name and the port of GRPCAddr.
	Instance string `env:"MALLBOTS_INSTANCE"`
	// Reflection lets clients such as grpcurl ask which services and messages there are.
	Reflection bool `env:"MALLBOTS_REFLECTION" envDefault:"true"`
	// DrainTimeout bounds how long calls and messages in flight may take when the process is told to stop. The whole stop takes at most
	// two seconds more.
	DrainTimeout time.Duration `env:"MALLBOTS_DRAIN_TIMEOUT" envDefault:"6s"`
	// StartTimeout is how long a start waits for Postgres and Redis that can't be used yet, trying again and again. Zero: they are tried
	// once, so that a person is told at once of a wrong address.
	StartTimeout time.Duration `env:"MALLBOTS_START_TIMEOUT" envDefault:"0s"`
	// LogLevel is the least level that is logged: debug, info, warn or error.
	LogLevel slog.Level `env:"MALLBOTS_LOG_LEVEL" envDefault:"info"`
	// OTLPEndpoint is where traces go by OTLP over gRPC, http://host:port. Empty: nowhere.
	OTLPEndpoint string `env:"MALLBOTS_OTLP_ENDPOINT"`
}

// Validate names the first setting that can't be right. Passwords are never shown.
func (c *Config) Validate(needDatabase, needRedis bool) error {
	for name, addr := range map[string]string{"MALLBOTS_GRPC_ADDR": c.GRPCAddr, "MALLBOTS_ADMIN_ADDR": c.AdminAddr} {
		if _, _, err := net.SplitHostPort(addr); err != nil {
			return fmt.Errorf("%s must be host:port, such as 127.0.0.1:9000", name)
		}
	}
	for name, target := range c.Peers {
		if _, _, err := net.SplitHostPort(target); err != nil {
			return fmt.Errorf("MALLBOTS_PEERS: the address of %s must be host:port", name)
		}
	}
	if c.DrainTimeout <= 0 {
		return errors.New("MALLBOTS_DRAIN_TIMEOUT must be positive, such as 6s")
	}
	if c.StartTimeout < 0 {
		return errors.New("MALLBOTS_START_TIMEOUT must not be negative, such as 5m")
	}
	if needDatabase && c.PostgresURL == "" {
		return errors.New("MALLBOTS_POSTGRES_URL is not set: the service's database, postgres://user:password@host:port/database")
	}
	if c.PostgresURL != "" {
		if err := checkURL(c.PostgresURL, "postgres", "postgresql"); err != nil {
			return fmt.Errorf("MALLBOTS_POSTGRES_URL %w: postgres://user:password@host:port/database", err)
		}
	}
	if needRedis && c.RedisURL == "" {
		return errors.New("MALLBOTS_REDIS_URL is not set: redis://user:password@host:port/0")
	}
	if c.RedisURL != "" {
		if err := checkURL(c.RedisURL, "redis", "rediss"); err != nil {
			return fmt.Errorf("MALLBOTS_REDIS_URL %w: redis://user:password@host:port/0", err)
		}
	}
	return nil
}

func checkURL(raw string, schemes ...string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return errors.New("is not a URL of the form")
	}
	for _, scheme := range schemes {
		if u.Scheme == scheme {
			return nil
		}
	}
	return fmt.Errorf("begins with %q, not with %s, in the form", u.Scheme, strings.Join(schemes, " or "))
}

// instance is the name among consumers; addr is the address on which gRPC is really served.
func (c *Config) instance(addr net.Addr) string {
	if c.Instance != "" {
		return c.Instance
	}
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	_, port, _ := net.SplitHostPort(addr.String())
	return host + "-" + port
}

// redact keeps the place and hides the rest of a URL, for messages to people.
func redact(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return "(not a URL)"
	}
	return u.Redacted()
}
