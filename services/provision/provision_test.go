package provision

import (
	"context"
	"crypto/rand"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"mallbots.example/services/provision/internal/patience"
	"mallbots.example/services/provision/internal/redisacl"
	"mallbots.example/services/provision/internal/secrets"
	"mallbots.example/services/provision/internal/secrets/secretstest"
)

var databases = []string{"baskets", "cosec", "customers", "depot", "notifications", "ordering", "payments", "search", "stores"}

func TestAnEmptyClusterGetsAllThatTheServicesMount(t *testing.T) {
	r := newRig(t)
	r.run()
	want := []string{redisACLSecret, redisAdminSecret}
	for _, service := range databases {
		want = append(want, service+"-credentials")
		require.ElementsMatch(t, []string{postgresURLKey, redisURLKey}, slices.Collect(maps.Keys(r.credentials(service))))
		conn, err := pgx.Connect(t.Context(), r.credentials(service)[postgresURLKey])
		require.NoError(t, err)
		_, err = conn.Exec(t.Context(), `CREATE TABLE t (id int); CREATE SCHEMA s; DROP SCHEMA s; DROP TABLE t`)
		require.NoError(t, err, "the database is its own")
		require.NoError(t, conn.Close(t.Context()))
		require.NoError(t, connect(t, r.credentials(service)[redisURLKey]).Ping(t.Context()).Err())
	}
	require.ElementsMatch(t, want, r.api.Names())
	require.Contains(t, r.credentials("stores")[postgresURLKey], "application_name=provision+test", "parameters are the administrator's")
}

func TestTheServersOfTheClusterHaveTheirAdministratorsInSecrets(t *testing.T) {
	api := secretstest.Start(t)
	log := slog.New(slog.DiscardHandler)
	p := &provisioner{
		Settings: Settings{PostgresHost: "postgres:5432", RedisHost: "redis:6379"}, API: api.Client(t), Log: log, NewPassword: rand.Text,
	}
	p.keeper = secrets.Keeper{API: p.API, Log: log, Patience: patience.Patience{Log: log, After: time.After}}
	require.NoError(t, p.findServers(t.Context()))
	postgresPassword, redisPassword := api.Data(postgresAdminSecret)[passwordKey], api.Data(redisAdminSecret)[passwordKey]
	require.Equal(t, map[string]string{usernameKey: "postgres", passwordKey: postgresPassword}, api.Data(postgresAdminSecret))
	require.Equal(t, map[string]string{usernameKey: "admin", passwordKey: redisPassword}, api.Data(redisAdminSecret))
	require.Equal(t, "postgres://postgres:"+postgresPassword+"@postgres:5432/postgres?sslmode=disable", p.postgres.admin.String())
	require.Equal(t, "redis://admin:"+redisPassword+"@redis:6379/0", p.redis.admin.String())
	require.Equal(t, "postgres://stores:pw@postgres:5432/stores?sslmode=disable", p.postgres.account("stores", "pw", "/stores"))
}

func TestRunningAgainChangesNothing(t *testing.T) {
	r := newRig(t)
	r.run()
	before := map[string]map[string]string{}
	for _, name := range r.api.Names() {
		before[name] = r.api.Data(name)
	}
	r.log.buffer.Reset()
	r.run()
	for name, data := range before {
		require.Equal(t, data, r.api.Data(name), name)
	}
	require.NotContains(t, r.log.String(), "msg=made")
	require.NotContains(t, r.log.String(), "msg=changed")
}

func TestNobodyConnectsToTheDatabaseOfAnother(t *testing.T) {
	r := newRig(t)
	r.run()
	stores := r.credentials("stores")[postgresURLKey]
	for _, database := range []string{r.settings.Prefix + "payments", "postgres", "template1"} {
		config, err := pgx.ParseConfig(stores)
		require.NoError(t, err)
		config.Database = database
		_, err = pgx.ConnectConfig(t.Context(), config)
		requireCode(t, err, "42501", database) // insufficient privilege
	}
	conn, err := pgx.Connect(t.Context(), stores)
	require.NoError(t, err)
	defer func() { _ = conn.Close(t.Context()) }()
	for _, statement := range []string{`CREATE ROLE x`, `CREATE DATABASE x`, `ALTER ROLE ` + r.settings.Prefix + `payments PASSWORD 'x'`} {
		_, err = conn.Exec(t.Context(), statement)
		requireCode(t, err, "42501", statement)
	}
}

func requireCode(t *testing.T, err error, code, what string) {
	t.Helper()
	var answer *pgconn.PgError
	require.ErrorAs(t, err, &answer, what)
	require.Equal(t, code, answer.Code, what)
}

// The password is in no statement, and Postgres keeps it as it would have made it itself.
func TestPostgresKeepsPasswordsAsSCRAM(t *testing.T) {
	r := newRig(t)
	r.run()
	var kept string
	var limit int
	err := r.admin().QueryRow(t.Context(), `SELECT rolpassword, rolconnlimit FROM pg_authid WHERE rolname = $1`, r.settings.Prefix+"stores").Scan(&kept, &limit)
	require.NoError(t, err)
	require.Regexp(t, `^SCRAM-SHA-256\$4096:[^$]{24}\$[^:]{44}:.{44}$`, kept)
	require.Equal(t, 45, limit)
}

func TestTwoRunsAtOnceAgree(t *testing.T) {
	r := newRig(t)
	r.run()
	var running sync.WaitGroup
	for _, p := range []*provisioner{r.provisioner("all"), r.provisioner("all"), r.provisioner("stores")} {
		running.Go(func() {
			if err := p.run(t.Context()); err != nil {
				t.Errorf("%v\n%s", err, r.log)
			}
		})
	}
	running.Wait()
	for _, service := range databases {
		r.works(service, r.credentials(service))
	}
}

// works checks that a pod with these credentials can begin.
func (r *rig) works(service string, credentials map[string]string) {
	r.t.Helper()
	require.True(r.t, r.has(service, credentials[postgresURLKey]), service)
	conn, err := pgx.Connect(r.t.Context(), credentials[postgresURLKey])
	require.NoError(r.t, err, service)
	require.NoError(r.t, conn.Close(r.t.Context()))
	require.NoError(r.t, connect(r.t, credentials[redisURLKey]).Ping(r.t.Context()).Err(), service)
}

func TestARotationLetsOldPodsGoOn(t *testing.T) {
	r := newRig(t)
	r.run()
	before := r.credentials("stores")
	conn, err := pgx.Connect(t.Context(), before[postgresURLKey])
	require.NoError(t, err)
	defer func() { _ = conn.Close(t.Context()) }()
	client := connect(t, before[redisURLKey])
	require.NoError(t, client.Ping(t.Context()).Err())
	others := r.credentials("payments")

	r.run("stores")
	during := r.credentials("stores")
	require.NotEqual(t, before[postgresURLKey], during[postgresURLKey])
	require.NotEqual(t, before[redisURLKey], during[redisURLKey])
	require.Equal(t, redisacl.Hash(password(t, before, redisURLKey)), during[redisPreviousKey])
	require.Equal(t, others, r.credentials("payments"))
	r.works("stores", during)
	require.NoError(t, conn.Ping(t.Context()), "what is open stays open")
	require.NoError(t, client.Ping(t.Context()).Err(), "what is open stays open")
	require.NoError(t, connect(t, before[redisURLKey]).Ping(t.Context()).Err(), "Redis takes the old password as well")
	require.False(t, r.has("stores", before[postgresURLKey]))
	if r.checksPasswords() {
		_, err = pgx.Connect(t.Context(), before[postgresURLKey])
		requireCode(t, err, "28P01", "Postgres takes one password only")
	}

	t.Run("a Job that is tried again makes no third password", func(t *testing.T) {
		r.run("stores")
		require.Equal(t, during, r.credentials("stores"))
	})
	t.Run("Redis started anew takes both, too", func(t *testing.T) {
		running := r.rights()
		r.redis.stop()
		r.redis.start(t, r.api.Data(redisACLSecret)[aclKey])
		require.Eventually(t, func() bool { return connect(t, before[redisURLKey]).Ping(t.Context()).Err() == nil }, deadline, tick)
		require.Equal(t, running, r.rights(), "the file and the running server say the same")
	})
	t.Run("the next run ends the old password", func(t *testing.T) {
		r.run()
		require.NotContains(t, r.credentials("stores"), redisPreviousKey)
		err := connect(t, before[redisURLKey]).Ping(t.Context()).Err()
		require.True(t, redis.HasErrorPrefix(err, "WRONGPASS"), err)
		r.works("stores", r.credentials("stores"))
	})
}

// rights are those of all users, in one form: Redis lists commands in an order of its own, and a default that was set by name.
func (r *rig) rights() [][]string {
	r.t.Helper()
	list, err := r.adminRedis().ACLList(r.t.Context()).Result()
	require.NoError(r.t, err)
	var all [][]string
	for _, user := range list {
		words := strings.Fields(strings.ReplaceAll(strings.NewReplacer("(", " ( ", ")", " ) ").Replace(user), "sanitize-payload", ""))
		start := 0
		for i, word := range append(words, ")") { // a selector's commands stay its own
			if word == "(" || word == ")" {
				slices.Sort(words[start:i])
				start = i + 1
			}
		}
		all = append(all, words)
	}
	return all
}

// A run that was killed after it wrote the Secret has left the servers behind.
func TestTheServersFollowTheSecrets(t *testing.T) {
	r := newRig(t)
	r.run()
	r.api.Put("stores-credentials", nil)
	data := r.credentials("payments")
	data[postgresURLKey] = "postgres://x:byhand@elsewhere:1/x"
	r.api.Put("payments-credentials", data)
	r.run()
	r.works("stores", r.credentials("stores"))
	r.works("payments", r.credentials("payments"))
	require.Equal(t, "byhand", password(t, r.credentials("payments"), postgresURLKey), "passwords are kept, addresses follow the settings")
}

// A run that comes to the servers last must not bring passwords that another has replaced meanwhile.
func TestARunThatWasOvertakenBringsTheNewerPasswords(t *testing.T) {
	r := newRig(t)
	r.run()
	seen := 0
	r.api.Before = func(method, name string) int {
		if name == "stores-credentials" {
			if seen++; seen == 2 { // it looks again, having brought what it saw first
				r.api.Put(name, map[string]string{
					postgresURLKey: "postgres://stores:newer@127.0.0.1:1/stores", redisURLKey: "redis://stores:newest@127.0.0.1:1/0",
				})
			}
		}
		return 0
	}
	r.run()
	require.Equal(t, "newer", password(t, r.credentials("stores"), postgresURLKey))
	require.Equal(t, "newest", password(t, r.credentials("stores"), redisURLKey))
	r.works("stores", r.credentials("stores"))
	require.Contains(t, r.log.String(), "another run has changed passwords meanwhile")
}

func TestOtherServersHaveTheirOwnAdministrators(t *testing.T) {
	r := newRig(t)
	r.redis.start(t, "")
	r.settings.RedisAdminURL = "redis://" + r.redis.addr() + "/3"
	r.asATenant()
	r.run()
	require.NotContains(t, r.api.Names(), redisAdminSecret)
	require.NotContains(t, r.api.Names(), redisACLSecret)
	require.NotContains(t, r.api.Names(), postgresAdminSecret)
	for _, service := range databases {
		r.works(service, r.credentials(service))
		require.Regexp(t, "^redis://"+r.settings.Prefix+service+":[A-Z2-7]{26}@"+r.redis.addr()+"/3$", r.credentials(service)[redisURLKey])
	}
	require.Contains(t, r.log.String(), "Redis does not save its users")
	require.NoError(t, connect(t, r.settings.RedisAdminURL).Ping(t.Context()).Err(), "its user default stays")
	r.run()
}

func TestARunThatIsEndedIsNotDone(t *testing.T) {
	r := newRig(t)
	ctx, stop := context.WithCancel(t.Context())
	r.api.After = func(_, name string) {
		if name == "stores-credentials" {
			stop()
		}
	}
	err := r.provisioner().run(ctx)
	require.EqualError(t, err, "told to stop before everything was made: run this again")
	require.NotErrorIs(t, err, context.Canceled, "which would count as done")
}

func TestASecretThatCannotBeReadIsNotOverwritten(t *testing.T) {
	r := newRig(t)
	r.api.Put("stores-credentials", map[string]string{redisURLKey: "hunter2"})
	err := r.provisioner().run(t.Context())
	require.ErrorContains(t, err, "the Secret stores-credentials: ")
	require.ErrorContains(t, err, "redis-url is not a URL with a password: correct it, or remove the key")
	require.NotContains(t, err.Error(), "hunter2")
	require.Equal(t, map[string]string{redisURLKey: "hunter2"}, r.credentials("stores"))
}

func TestARoleThatMayDoMoreIsNotTaken(t *testing.T) {
	r := newRig(t)
	_, err := r.admin().Exec(t.Context(), `CREATE ROLE `+r.settings.Prefix+`stores CREATEROLE`)
	require.NoError(t, err)
	r.startRedisWithItsFile()
	err = r.provisioner().run(t.Context())
	require.ErrorContains(t, err, "may do more than a service may")
}

func TestADatabaseOfAnotherIsNotTaken(t *testing.T) {
	r := newRig(t)
	_, err := r.admin().Exec(t.Context(), `CREATE DATABASE `+r.settings.Prefix+`stores`)
	require.NoError(t, err)
	r.startRedisWithItsFile()
	err = r.provisioner().run(t.Context())
	require.ErrorContains(t, err, "it belongs to another role")
}

func TestAServerThatStaysAwayIsNamedWithItsSetting(t *testing.T) {
	r := newRig(t)
	r.settings.Timeout = tick
	err := r.provisioner().run(t.Context()) // nobody starts its Redis
	require.ErrorContains(t, err, "waited 10ms (MALLBOTS_PROVISION_TIMEOUT) for ")
}

func TestAnAdministratorThatIsRefusedIsToldAtOnce(t *testing.T) {
	r := newRig(t)
	r.run()
	data := r.api.Data(redisAdminSecret)
	data[passwordKey] = "hunter2"
	r.api.Put(redisAdminSecret, data)
	err := r.provisioner().run(t.Context())
	require.ErrorContains(t, err, "restart its pod and run this again")
	require.NotContains(t, err.Error(), "hunter2")
}
