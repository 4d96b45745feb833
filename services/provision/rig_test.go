package provision

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/store/storetest"
	"mallbots.example/services/provision/internal/postgres"
	"mallbots.example/services/provision/internal/secrets/secretstest"
)

const (
	// deadline is how long a test waits for what must happen.
	deadline = 20 * time.Second
	tick     = 10 * time.Millisecond
)

// rig is a namespace, a Postgres that others use as well (so that names have a prefix), and a Redis of the test's own that nobody may use
// before provision has run.
type rig struct {
	t        *testing.T
	api      *secretstest.Server
	log      *syncBuffer
	settings Settings
	redis    *redisServer
	owner    string            // URL of the superuser
	tenant   string            // the role that administers, if it is none
	addrs    map[string]string // of the services, once the mall runs
}

// newRig skips the test where there is no Postgres or no redis-server.
func newRig(t *testing.T) *rig {
	t.Helper()
	server := os.Getenv(storetest.PostgresURL)
	if server == "" {
		t.Skip(storetest.PostgresURL + " is not set")
	}
	r := &rig{t: t, api: secretstest.Start(t), log: &syncBuffer{}, redis: newRedis(t)}
	r.settings = Settings{
		PostgresHost: "postgres:5432", PostgresAdminURL: withUser(t, server), RedisHost: r.redis.addr(),
		Prefix: "p" + strings.ToLower(rand.Text()[:10]) + "_", Timeout: deadline,
	}
	r.owner = r.settings.PostgresAdminURL
	t.Cleanup(r.drop)
	return r
}

// withUser adds the user that a URL leaves to the environment, and the parameters that services have to take over.
func withUser(t *testing.T, rawURL string) string {
	t.Helper()
	config, err := pgx.ParseConfig(rawURL)
	require.NoError(t, err)
	u, err := url.Parse(rawURL)
	require.NoError(t, err)
	u.User = url.UserPassword(config.User, config.Password)
	query := u.Query()
	query.Set("sslmode", "disable")
	query.Set("application_name", "provision test")
	u.RawQuery = query.Encode()
	return u.String()
}

func (r *rig) provisioner(rotate ...string) *provisioner {
	r.t.Helper()
	needs, err := needsOfTheMall()
	require.NoError(r.t, err)
	settings := r.settings
	settings.Rotate = rotate
	require.NoError(r.t, settings.Validate(names(needs)))
	return &provisioner{
		Settings: settings, Needs: needs, API: r.api.Client(r.t), Log: slog.New(slog.NewTextHandler(r.log, nil)),
		NewPassword: rand.Text, Salts: rand.Reader, After: time.After,
	}
}

// run provisions. Redis is started as soon as its ACL file is there, as its pod would be.
func (r *rig) run(rotate ...string) {
	r.t.Helper()
	r.startRedisWithItsFile()
	require.NoError(r.t, r.provisioner(rotate...).run(r.t.Context()), r.log)
	r.noPasswords()
}

func (r *rig) startRedisWithItsFile() {
	r.api.After = func(string, string) {
		if file := r.api.Data(redisACLSecret)[aclKey]; file != "" && !r.redis.running() {
			r.redis.start(r.t, file)
		}
	}
}

// noPasswords checks that the log has none of those in the Secrets.
func (r *rig) noPasswords() {
	r.t.Helper()
	for _, name := range r.api.Names() {
		data := r.api.Data(name)
		require.NotContains(r.t, r.log.String(), password(r.t, data, postgresURLKey))
		require.NotContains(r.t, r.log.String(), password(r.t, data, redisURLKey))
	}
}

// password of a URL in a Secret; what no log has if there is none.
func password(t *testing.T, data map[string]string, key string) string {
	t.Helper()
	u, err := url.Parse(data[key])
	require.NoError(t, err)
	if password, ok := u.User.Password(); ok {
		return password
	}
	return "\x00"
}

// credentials of a service, as its pod mounts them.
func (r *rig) credentials(service string) map[string]string {
	return r.api.Data(service + "-credentials")
}

func (r *rig) admin() *pgx.Conn {
	conn, err := pgx.Connect(context.Background(), r.owner)
	require.NoError(r.t, err)
	r.t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// has checks that Postgres keeps the password of a URL, also where it trusts everybody without asking for one.
func (r *rig) has(service, rawURL string) bool {
	r.t.Helper()
	var kept string
	err := r.admin().QueryRow(r.t.Context(), `SELECT rolpassword FROM pg_authid WHERE rolname = $1`, r.settings.Prefix+service).Scan(&kept)
	require.NoError(r.t, err)
	_, salted, _ := strings.Cut(kept, ":")
	text, _, _ := strings.Cut(salted, "$")
	salt, err := base64.StdEncoding.DecodeString(text)
	require.NoError(r.t, err)
	ours, err := postgres.Verifier(password(r.t, map[string]string{postgresURLKey: rawURL}, postgresURLKey), salt)
	require.NoError(r.t, err)
	return ours == kept
}

// asATenant makes the administrator one as it is given on rented servers: no superuser.
func (r *rig) asATenant() {
	r.t.Helper()
	name := r.settings.Prefix + "tenant"
	admin := r.admin()
	_, err := admin.Exec(r.t.Context(), `CREATE ROLE `+name+` LOGIN CREATEDB CREATEROLE PASSWORD 'tenant'; GRANT CONNECT ON DATABASE postgres TO `+name)
	require.NoError(r.t, err)
	u, err := url.Parse(r.settings.PostgresAdminURL)
	require.NoError(r.t, err)
	u.User = url.UserPassword(name, "tenant")
	r.settings.PostgresAdminURL = u.String()
	r.tenant = name
}

// checksPasswords reports whether this Postgres asks for passwords at all: one for tests may trust everybody.
func (r *rig) checksPasswords() bool {
	config, err := pgx.ParseConfig(r.credentials("stores")[postgresURLKey])
	require.NoError(r.t, err)
	config.Password = "wrong"
	conn, err := pgx.ConnectConfig(context.Background(), config)
	if err == nil {
		_ = conn.Close(context.Background())
	}
	return err != nil
}

func (r *rig) drop() {
	conn, err := pgx.Connect(context.Background(), r.owner)
	require.NoError(r.t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	needs, err := needsOfTheMall()
	require.NoError(r.t, err)
	for _, service := range names(needs) {
		name := r.settings.Prefix + service
		for _, statement := range []string{`DROP DATABASE IF EXISTS ` + name + ` WITH (FORCE)`, `DROP ROLE IF EXISTS ` + name} {
			_, err := conn.Exec(context.Background(), statement)
			require.NoError(r.t, err)
		}
	}
	if r.tenant != "" {
		_, err := conn.Exec(context.Background(), `REVOKE CONNECT ON DATABASE postgres FROM `+r.tenant+`; DROP ROLE `+r.tenant)
		require.NoError(r.t, err)
	}
}

// redisServer is a Redis of the test's own.
type redisServer struct {
	port int
	dir  string
	mu   sync.Mutex
	cmd  *exec.Cmd
}

func newRedis(t *testing.T) *redisServer {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("redis-server is not installed")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &redisServer{port: listener.Addr().(*net.TCPAddr).Port, dir: t.TempDir()} //nolint:forcetypeassert // tcp
	require.NoError(t, listener.Close())
	t.Cleanup(s.stop)
	return s
}

func (s *redisServer) addr() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

func (s *redisServer) running() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cmd != nil
}

// start starts it with an ACL file, or without one, when everybody may do everything.
func (s *redisServer) start(t *testing.T, acl string) {
	t.Helper()
	args := []string{"--port", strconv.Itoa(s.port), "--bind", "127.0.0.1", "--dir", s.dir, "--save", ""}
	if acl != "" {
		file := filepath.Join(s.dir, aclKey)
		require.NoError(t, os.WriteFile(file, []byte(acl), 0o600))
		args = append(args, "--aclfile", file)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cmd = exec.Command("redis-server", args...) // ended by stop
	s.cmd.Stdout = t.Output()
	require.NoError(t, s.cmd.Start())
}

func (s *redisServer) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		s.cmd = nil
	}
}

// connect uses a URL of a Secret with the options of pkg/service.
func connect(t *testing.T, rawURL string) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(rawURL)
	require.NoError(t, err)
	options.DisableIdentity = true
	client := redis.NewClient(options)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// adminRedis is the administrator's, by the Secret.
func (r *rig) adminRedis() *redis.Client {
	data := r.api.Data(redisAdminSecret)
	return connect(r.t, "redis://"+data[usernameKey]+":"+data[passwordKey]+"@"+r.redis.addr()+"/0")
}

// syncBuffer is a log that is written and read at once.
type syncBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

// String implements fmt.Stringer.
func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
