package provision

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
)

// Settings of a run.
type Settings struct {
	// PostgresHost is where the mall's own Postgres answers, host:port. Its administrator is kept in the Secret postgres-admin.
	PostgresHost string `env:"MALLBOTS_POSTGRES_HOST" envDefault:"postgres:5432"`
	// PostgresAdminURL, if not empty, is another Postgres, postgres://user:password@host:port/postgres?sslmode=…, for all services. They
	// connect with the same parameters. Secret: also as MALLBOTS_POSTGRES_ADMIN_URL_FILE.
	PostgresAdminURL string `env:"MALLBOTS_POSTGRES_ADMIN_URL"`
	// RedisHost is where the mall's own Redis answers, host:port. Its administrator is kept in the Secret redis-admin, its users in redis-acl.
	RedisHost string `env:"MALLBOTS_REDIS_HOST" envDefault:"redis:6379"`
	// RedisAdminURL, if not empty, is another Redis, redis://user:password@host:port/0 or rediss://…, for all services. Secret: also as
	// MALLBOTS_REDIS_ADMIN_URL_FILE.
	RedisAdminURL string `env:"MALLBOTS_REDIS_ADMIN_URL"`
	// Rotate names the services that get new passwords, with commas between; "all" are all of them.
	Rotate []string `env:"MALLBOTS_PROVISION_ROTATE"`
	// Prefix begins the names of the databases, roles and users, so that several malls can share a server: "staging_" and the service.
	Prefix string `env:"MALLBOTS_PROVISION_PREFIX"`
	// Timeout bounds the whole run, the waiting for servers included.
	Timeout time.Duration `env:"MALLBOTS_PROVISION_TIMEOUT" envDefault:"5m"`
	// LogLevel is the least level that is logged: debug, info, warn or error.
	LogLevel slog.Level `env:"MALLBOTS_LOG_LEVEL" envDefault:"info"`
}

// everyService is the name by which Rotate means all.
const everyService = "all"

// prefixForm leaves room for the name of a service within the 63 bytes of a name in Postgres.
var prefixForm = regexp.MustCompile(`^([a-z][a-z0-9_]{0,29})?$`)

// adminOnly are parameters of a Postgres URL that say who connects, or where to: services must not take them over.
var adminOnly = []string{
	"user", "password", "passfile", "service", "servicefile", "host", "hostaddr", "port", "database", "dbname", "sslpassword",
}

// Validate names the first setting that can't be right. services are those that have a database.
func (s *Settings) Validate(services []string) error {
	for name, addr := range map[string]string{"MALLBOTS_POSTGRES_HOST": s.PostgresHost, "MALLBOTS_REDIS_HOST": s.RedisHost} {
		if host, port, err := net.SplitHostPort(addr); err != nil || host == "" || port == "" {
			return fmt.Errorf("%s must be host:port, such as postgres:5432", name)
		}
	}
	if err := s.validatePostgres(); err != nil {
		return fmt.Errorf("MALLBOTS_POSTGRES_ADMIN_URL %w", err)
	}
	if err := s.validateRedis(); err != nil {
		return fmt.Errorf("MALLBOTS_REDIS_ADMIN_URL %w", err)
	}
	for _, name := range s.Rotate {
		if name != everyService && !slices.Contains(services, name) {
			return fmt.Errorf("MALLBOTS_PROVISION_ROTATE: %q is no service with a database; known are %s and all", name, strings.Join(services, ", "))
		}
	}
	if !prefixForm.MatchString(s.Prefix) {
		return errors.New("MALLBOTS_PROVISION_PREFIX must be at most 30 small letters, digits and _, and begin with a letter, such as staging_")
	}
	if s.Timeout <= 0 {
		return errors.New("MALLBOTS_PROVISION_TIMEOUT must be positive, such as 5m")
	}
	return nil
}

func (s *Settings) validatePostgres() error {
	if s.PostgresAdminURL == "" {
		return nil
	}
	u, err := url.Parse(s.PostgresAdminURL) // their errors hold the URL, so they are not shown
	if err != nil || u.Host == "" || u.User.Username() == "" || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return errors.New("is not of the form postgres://user:password@host:port/postgres")
	}
	for _, name := range adminOnly {
		if u.Query().Has(name) {
			return fmt.Errorf("has the parameter %s: say it before the question mark, because services take the parameters over", name)
		}
	}
	if _, err := pgx.ParseConfig(s.PostgresAdminURL); err != nil {
		return errors.New("has parameters that can't be read, or that name files which are not there")
	}
	return nil
}

func (s *Settings) validateRedis() error {
	if s.RedisAdminURL == "" {
		return nil
	}
	u, err := url.Parse(s.RedisAdminURL)
	if err != nil || u.Host == "" || u.Scheme != "redis" && u.Scheme != "rediss" {
		return errors.New("is not of the form redis://user:password@host:port/0")
	}
	if _, err := redis.ParseURL(s.RedisAdminURL); err != nil {
		return errors.New("has a database or parameters that can't be read: redis://user:password@host:port/0")
	}
	return nil
}

// rotates reports whether a service is to get new passwords.
func (s *Settings) rotates(service string) bool {
	return slices.Contains(s.Rotate, everyService) || slices.Contains(s.Rotate, service)
}
