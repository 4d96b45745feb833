// Package provision makes what the services of the mall need and no repository may hold: for each a database that only it can connect to, a
// user of Redis that reaches only its own streams, and the passwords, kept in Kubernetes Secrets. Every step can be done again.
package provision

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"reflect"
	"time"

	"github.com/redis/go-redis/v9"

	"mallbots.example/pkg/config"
	"mallbots.example/pkg/telemetry"
	"mallbots.example/services/provision/internal/patience"
	"mallbots.example/services/provision/internal/postgres"
	"mallbots.example/services/provision/internal/redisacl"
	"mallbots.example/services/provision/internal/secrets"
)

// maxOvertaken bounds how often a run follows others that change passwords at the same time. People start runs, so one or two do.
const maxOvertaken = 10

// serviceAccount is where Kubernetes mounts a pod's own.
const serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount"

// Start reads the settings in environ and provisions the services of the mall through the API of the pod's cluster.
func Start(ctx context.Context, environ []string) error {
	var settings Settings
	if err := config.Load(environ, &settings); err != nil {
		return err
	}
	needs, err := needsOfTheMall()
	if err != nil {
		return err
	}
	if err := settings.Validate(names(needs)); err != nil {
		return err
	}
	api, err := secrets.InCluster(serviceAccount, os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT"))
	if err != nil {
		return err
	}
	p := provisioner{
		Settings: settings, Needs: needs, API: api, Log: telemetry.NewLogger(os.Stderr, settings.LogLevel),
		NewPassword: rand.Text, Salts: rand.Reader, After: time.After,
	}
	return p.run(ctx)
}

// provisioner does the work. Its exported fields must be set.
type provisioner struct {
	Settings Settings
	Needs    []need
	API      secrets.API
	Log      *slog.Logger
	// NewPassword gives a random password that needs no escaping in a URL: rand.Text has 128 bits in 26 letters and digits.
	NewPassword func() string
	// Salts is a source of random bytes.
	Salts io.Reader
	// After is time.After.
	After func(time.Duration) <-chan time.Time

	patience        patience.Patience
	keeper          secrets.Keeper
	postgres, redis server
}

// run makes everything. The Secrets are the truth and come first: whatever a run that was killed has left, or two at once, the next gives the
// servers the passwords that are in the Secrets. A rotation begins only when both servers are as the Secrets say, so that it is short.
func (p *provisioner) run(ctx context.Context) error {
	err := p.makeAll(ctx)
	if ctx.Err() != nil && err != nil { // for a Job that was ended must not look like one that is done
		return errors.New("told to stop before everything was made: run this again")
	}
	return err
}

func (p *provisioner) makeAll(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, p.Settings.Timeout,
		fmt.Errorf("waited %v (MALLBOTS_PROVISION_TIMEOUT)", p.Settings.Timeout))
	defer cancel()
	p.patience = patience.Patience{Log: p.Log, After: p.After}
	p.keeper = secrets.Keeper{API: p.API, Patience: p.patience, Log: p.Log}
	if err := p.findServers(ctx); err != nil {
		return err
	}
	if len(p.Settings.Rotate) == 0 {
		return p.pass(ctx, func(string) rotation { return end })
	}
	if err := p.pass(ctx, func(string) rotation { return keep }); err != nil {
		return err
	}
	return p.pass(ctx, func(service string) rotation {
		if p.Settings.rotates(service) {
			return begin
		}
		return keep
	})
}

// findServers finds who administers the servers. The administrators of those in the cluster are made here if need be.
func (p *provisioner) findServers(ctx context.Context) (err error) {
	if p.Settings.PostgresAdminURL != "" {
		p.postgres, err = external("MALLBOTS_POSTGRES_ADMIN_URL", p.Settings.PostgresAdminURL)
	} else {
		p.postgres, err = p.ownServer(ctx, postgresAdminSecret, "postgres", p.Settings.PostgresHost, ownPostgres)
	}
	if err != nil {
		return err
	}
	if p.Settings.RedisAdminURL != "" {
		p.redis, err = external("MALLBOTS_REDIS_ADMIN_URL", p.Settings.RedisAdminURL)
	} else {
		p.redis, err = p.ownServer(ctx, redisAdminSecret, "admin", p.Settings.RedisHost, ownRedis)
	}
	return err
}

func (p *provisioner) ownServer(
	ctx context.Context, secret, username, host string, make func(host, username, password string) server,
) (server, error) {
	data, err := p.keeper.Keep(ctx, secret, func(have map[string][]byte) (map[string][]byte, error) {
		change := map[string][]byte{}
		if len(have[usernameKey]) == 0 {
			change[usernameKey] = []byte(username)
		}
		if len(have[passwordKey]) == 0 {
			change[passwordKey] = []byte(p.NewPassword())
		}
		return change, nil
	})
	if err != nil {
		return server{}, fmt.Errorf("the Secret %s: %w", secret, err)
	}
	return make(host, string(data[usernameKey]), string(data[passwordKey])), nil
}

// pass brings the Secrets into the state that is wanted, and the servers into that of the Secrets. Another run may change a Secret between
// the two; whoever comes to the servers last must not bring the older passwords, so each looks again when it is done.
func (p *provisioner) pass(ctx context.Context, rotate func(service string) rotation) error {
	held, err := p.keepCredentials(ctx, p.Log, rotate)
	if err != nil {
		return err
	}
	for range maxOvertaken {
		if err := p.apply(ctx, held); err != nil {
			return err
		}
		now, err := p.keepCredentials(ctx, slog.New(slog.DiscardHandler), func(string) rotation { return keep })
		if err != nil {
			return err
		}
		if reflect.DeepEqual(held, now) {
			return nil
		}
		p.Log.InfoContext(ctx, "another run has changed passwords meanwhile: once more")
		held = now
	}
	return errors.New("other runs change passwords again and again: let one end before the next")
}

// keepCredentials brings the Secrets of the services into the state that is wanted, and gives what they hold.
func (p *provisioner) keepCredentials(ctx context.Context, log *slog.Logger, rotate func(string) rotation) ([]credentials, error) {
	keeper := secrets.Keeper{API: p.API, Patience: p.patience, Log: log}
	held := make([]credentials, len(p.Needs))
	for i, need := range p.Needs {
		secret := need.Service + "-credentials"
		data, err := keeper.Keep(ctx, secret, func(have map[string][]byte) (map[string][]byte, error) {
			return p.want(need.Service, rotate(need.Service), have)
		})
		if err == nil {
			held[i], err = credentialsIn(data)
		}
		if err != nil {
			return nil, fmt.Errorf("the Secret %s: %w", secret, err)
		}
	}
	return held, nil
}

// apply brings the servers into the state of the Secrets. Redis comes first: it takes old passwords as well, so that the moment from which on
// something is refused is the last one.
func (p *provisioner) apply(ctx context.Context, held []credentials) error {
	accounts := make([]postgres.Account, len(p.Needs))
	users := make([]redisacl.User, len(p.Needs))
	for i, need := range p.Needs {
		name := p.Settings.Prefix + need.Service
		accounts[i] = postgres.Account{Name: name, Password: held[i].postgresPassword}
		users[i] = redisacl.User{Name: name, Hashes: held[i].redisHashes, Sends: need.Sends, Receives: need.Receives}
	}
	if p.redis.own {
		_, err := p.keeper.Keep(ctx, redisACLSecret, func(map[string][]byte) (map[string][]byte, error) {
			return aclFile(p.redis.admin, users), nil
		})
		if err != nil {
			return fmt.Errorf("the Secret %s: %w", redisACLSecret, err)
		}
	}
	if err := p.applyRedis(ctx, users); err != nil {
		return err
	}
	return p.applyPostgres(ctx, accounts)
}

func (p *provisioner) applyPostgres(ctx context.Context, accounts []postgres.Account) error {
	return p.patience.Until(ctx, "Postgres at "+p.postgres.admin.Host, func(ctx context.Context) error {
		admin, err := postgres.Connect(ctx, p.postgres.admin.String(), p.postgres.wayOut)
		if err != nil {
			return err
		}
		defer func() { _ = admin.Close(context.WithoutCancel(ctx)) }()
		return postgres.Accounts(ctx, admin, accounts, p.Salts, p.Log)
	})
}

func (p *provisioner) applyRedis(ctx context.Context, users []redisacl.User) error {
	options, err := redis.ParseURL(p.redis.admin.String())
	if err != nil {
		return errors.New("the URL of the administrator of Redis can't be read: redis://user:password@host:port/0")
	}
	options.MaxRetries, options.DialerRetries = -1, 1 // Until does, and says so
	redis.SetLogger(quiet{})
	admin := redis.NewClient(options)
	defer func() { _ = admin.Close() }()
	return p.patience.Until(ctx, "Redis at "+p.redis.admin.Host, func(ctx context.Context) error {
		if err := redisacl.Connected(ctx, admin, p.redis.wayOut); err != nil {
			return err
		}
		if err := redisacl.Apply(ctx, admin, users, p.Log); err != nil || p.redis.own { // whose file is a Secret
			return err
		}
		return redisacl.Save(ctx, admin, p.Log)
	})
}

// quiet keeps the Redis client from writing to standard error by itself: what goes wrong comes back as errors.
type quiet struct{}

// Printf implements the logger of the Redis client.
func (quiet) Printf(context.Context, string, ...any) {}
