// Package processes runs a mall whose services are processes of their own, on a real Postgres and a real Redis, and kills them.
package processes

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"

	"mallbots.example/pkg/rpc"
)

// deadline bounds the start of the whole mall on a busy machine.
const deadline = 2 * time.Minute

// names of the services, and whether each has a database.
var names = map[string]bool{
	"stores": true, "customers": true, "baskets": true, "ordering": true, "depot": true, "payments": true, "notifications": true,
	"search": true, "cosec": true, "bots": false, "gateway": false,
}

// Mall is a mall of processes.
type Mall struct {
	t        testing.TB
	dir      string
	postgres *url.URL
	redis    string
	prefix   string // of its databases

	mu    sync.Mutex
	addrs map[string]address
	procs map[string]*exec.Cmd
}

type address struct{ grpc, admin string }

// Start builds the services and starts each as a process. They end with the test.
func Start(t testing.TB, postgresURL, redisURL string) *Mall {
	t.Helper()
	if postgresURL == "" || redisURL == "" {
		t.Fatal("separate processes need real servers: set TEST_POSTGRES_URL and TEST_REDIS_URL")
	}
	u, err := url.Parse(postgresURL)
	if err != nil {
		t.Fatalf("the URL of Postgres: %v", err)
	}
	m := &Mall{
		t: t, dir: t.TempDir(), postgres: u, redis: redisURL, prefix: fmt.Sprintf("processes_%d_", os.Getpid()),
		addrs: map[string]address{}, procs: map[string]*exec.Cmd{},
	}
	m.build()
	for name := range names {
		m.addrs[name] = address{grpc: freeAddr(t), admin: freeAddr(t)}
	}
	t.Cleanup(m.stop)
	var starting sync.WaitGroup
	for name, database := range names {
		if database {
			m.makeDatabase(name)
		}
		m.start(name)
		starting.Go(func() { m.AwaitReady(name) })
	}
	starting.Wait()
	return m
}

// build compiles every service.
func (m *Mall) build() {
	m.t.Helper()
	args := []string{"build", "-o", m.dir + string(filepath.Separator)}
	for name := range names {
		args = append(args, "mallbots.example/services/"+name+"/cmd/"+name)
	}
	if out, err := exec.CommandContext(m.t.Context(), "go", args...).CombinedOutput(); err != nil {
		m.t.Fatalf("building the services: %v\n%s", err, out)
	}
}

// freeAddr is an address that was free a moment ago.
func freeAddr(t testing.TB) string {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// start starts one service with its settings.
func (m *Mall) start(name string) {
	m.t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	cmd := exec.Command(filepath.Join(m.dir, name)) //nolint:noctx // it is ended by its id, see stop and Kill
	peers := make([]string, 0, len(m.addrs))
	for peer, addr := range m.addrs {
		peers = append(peers, peer+"="+addr.grpc)
	}
	cmd.Env = append(os.Environ(),
		"MALLBOTS_GRPC_ADDR="+m.addrs[name].grpc, "MALLBOTS_ADMIN_ADDR="+m.addrs[name].admin, "MALLBOTS_LOG_LEVEL=error",
		"MALLBOTS_PEERS="+strings.Join(peers, ","))
	if name == "gateway" {
		cmd.Env = append(cmd.Env, "MALLBOTS_HTTP_ADDR="+freeAddr(m.t))
	}
	if names[name] {
		cmd.Env = append(cmd.Env, "MALLBOTS_POSTGRES_URL="+m.databaseURL(name), "MALLBOTS_REDIS_URL="+m.redis)
	}
	cmd.Stderr = m.t.Output()
	if err := cmd.Start(); err != nil {
		m.t.Fatalf("starting %s: %v", name, err)
	}
	m.procs[name] = cmd
}

// AwaitReady waits until a service says that it can serve and consume.
func (m *Mall) AwaitReady(name string) {
	ctx, cancel := context.WithTimeout(m.t.Context(), deadline)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+m.addrs[name].admin+"/readyz", nil)
		if err == nil {
			var resp *http.Response
			if resp, err = http.DefaultClient.Do(req); err == nil {
				_ = resp.Body.Close()
				if resp.StatusCode == http.StatusOK {
					return
				}
			}
		}
		select {
		case <-ctx.Done():
			m.t.Errorf("%s is not ready: %v", name, err)
			return
		case <-ticker.C:
		}
	}
}

// Kill ends a service at once, as a crash would, and starts it again.
func (m *Mall) Kill(name string) {
	m.t.Helper()
	m.mu.Lock()
	cmd := m.procs[name]
	m.mu.Unlock()
	if err := cmd.Process.Kill(); err != nil {
		m.t.Fatalf("killing %s: %v", name, err)
	}
	_ = cmd.Wait() // it was killed: that is its error
	m.start(name)
}

// Conn is a connection to a service; the gateway's serves all of them.
func (m *Mall) Conn(name string) *grpc.ClientConn {
	m.t.Helper()
	conn, err := rpc.Dial(m.addrs[name].grpc, rpc.ClientConfig{Name: "processes"})
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// stop tells every process to end and waits for it: each must drain and exit 0.
func (m *Mall) stop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, cmd := range m.procs {
		if err := cmd.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
			m.t.Errorf("stopping %s: %v", name, err)
		}
	}
	var ending sync.WaitGroup
	for name, cmd := range m.procs {
		ending.Go(func() {
			kill := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
			defer kill.Stop()
			if err := cmd.Wait(); err != nil {
				m.t.Errorf("%s did not drain within 10 s: %v", name, err)
			}
		})
	}
	ending.Wait()
	m.dropDatabases()
}
