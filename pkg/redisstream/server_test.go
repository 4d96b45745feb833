package redisstream_test

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// redisServer is a redis-server of the test's own, on a port and in a directory of its own, with every write on disk.
type redisServer struct {
	port    int
	options []string
	process *exec.Cmd
}

// startServer skips the test where redis-server is not installed.
func startServer(t *testing.T, options ...string) *redisServer {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("redis-server is not installed")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := listener.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert // tcp
	require.NoError(t, listener.Close())
	server := &redisServer{port: port, options: append(options,
		"--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", "", "--appendonly", "yes", "--appendfsync", "always")}
	server.start(t)
	t.Cleanup(func() { server.kill() })
	return server
}

func (s *redisServer) addr() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

func (s *redisServer) start(t *testing.T) {
	t.Helper()
	s.process = exec.Command("redis-server", s.options...)
	require.NoError(t, s.process.Start())
	client := redis.NewClient(&redis.Options{Addr: s.addr()})
	defer func() { _ = client.Close() }()
	eventually(t, "Redis answers", func() bool { return client.Ping(context.Background()).Err() == nil })
}

// kill is kill -9.
func (s *redisServer) kill() {
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
}

// S6 of the notes
func TestWhatWasPublishedSurvivesAKilledRedis(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	client := connect(t, "redis://"+server.addr())
	topic := aTopic(t, client)
	payloads := numbered("m", 300)
	publish(t, client, topic, payloads...)
	messages := subscribe(t, aSubscriber(t, brisk(client, "a")), topic)
	got := map[string]bool{}
	for _, payload := range receiveAll(t, messages, 100) {
		got[payload] = true
	}
	inFlight := receive(t, messages)
	got[string(inFlight.Payload)] = true

	server.kill()
	inFlight.Ack()
	server.start(t)
	publish(t, client, topic, "after")
	for len(got) < 301 {
		msg := receive(t, messages)
		got[string(msg.Payload)] = true
		msg.Ack()
	}
	assert.Contains(t, got, "after")
	nothingPending(t, client, topic)
}

func TestAClusterIsReadAsWell(t *testing.T) {
	t.Parallel()
	server := startServer(t, "--cluster-enabled", "yes")
	node := connect(t, "redis://"+server.addr())
	require.NoError(t, node.ClusterAddSlotsRange(t.Context(), 0, 16383).Err())
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{server.addr()}})
	t.Cleanup(func() { _ = client.Close() })
	eventually(t, "the cluster is up", func() bool {
		return client.Set(t.Context(), "probe", "", time.Second).Err() == nil
	})

	topics := []string{aTopic(t, client), aTopic(t, client), aTopic(t, client)}
	cfg := brisk(client, "a")
	cfg.BlockTime, cfg.ClaimIdle, cfg.ClaimInterval = time.Hour, time.Hour, time.Hour
	sub := aSubscriber(t, cfg)
	for _, topic := range topics {
		messages := subscribe(t, sub, topic)
		publish(t, client, topic, "m1", "m2")
		assert.Equal(t, []string{"m1", "m2"}, receiveAll(t, messages, 2))
		nothingPending(t, client, topic)
	}
	started := time.Now()
	require.NoError(t, sub.Close())
	assert.Less(t, time.Since(started), promptly, "blocked reads are cut")
}
