package service_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/service"
)

// echoing is a service with a server of its own, which serves as it is told.
func echoing(addr string, serve func(ctx context.Context, rt *service.Runtime, listener net.Listener) error) (s service.Service, at *string) {
	at = new(string)
	s = service.Service{Name: "echo", Build: func(rt *service.Runtime) error {
		taken, err := rt.Serve("MALLBOTS_ECHO_ADDR", addr, func(ctx context.Context, listener net.Listener) error {
			return serve(ctx, rt, listener)
		})
		if err == nil {
			*at = taken.String()
		}
		return err
	}}
	return s, at
}

// hello says hello to each who connects until ctx ends.
func hello(ctx context.Context, rt *service.Runtime, listener net.Listener) error {
	if rt.DrainTimeout <= 0 {
		return errors.New("no time to drain")
	}
	defer context.AfterFunc(ctx, func() { _ = listener.Close() })()
	for {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		_, _ = io.WriteString(conn, "hello")
		_ = conn.Close()
	}
}

func dial(t *testing.T, addr string) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	defer conn.Close()
	got, err := io.ReadAll(conn)
	require.NoError(t, err)
	return string(got)
}

func TestAServerOfAnotherProtocolServesUntilTheProcessDrains(t *testing.T) {
	s, at := echoing("127.0.0.1:0", hello)
	r := start(t, process(t, config(t), s))
	require.Equal(t, "hello", dial(t, *at))
	r.end(t)
	_, err := net.Dial("tcp", *at)
	require.Error(t, err)
}

func TestAServerThatEndsIsStartedAgainAtItsAddress(t *testing.T) {
	var starts atomic.Int32
	s, at := echoing("127.0.0.1:0", func(ctx context.Context, rt *service.Runtime, listener net.Listener) error {
		if starts.Add(1) == 1 {
			return errors.New("one bad moment")
		}
		return hello(ctx, rt, listener)
	})
	r := start(t, process(t, config(t), s))
	require.Eventually(t, func() bool { return starts.Load() > 1 }, deadline, 1e6)
	require.Equal(t, "hello", dial(t, *at))
	r.end(t)
}

func TestAnAddressThatCannotBeTakenIsNamedBySetting(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	for addr, says := range map[string]string{
		taken.Addr().String(): "echo: MALLBOTS_ECHO_ADDR: listen tcp " + taken.Addr().String(),
		"nowhere":             "echo: MALLBOTS_ECHO_ADDR must be host:port",
		"":                    "echo: MALLBOTS_ECHO_ADDR must be host:port",
	} {
		s, _ := echoing(addr, hello)
		require.ErrorContains(t, process(t, config(t), s).Run(t.Context()), says)
	}
}

func TestAnAddressIsGivenBackWhenTheProcessCannotStart(t *testing.T) {
	s, at := echoing("127.0.0.1:0", hello)
	broken := quiet("broken")
	broken.Build = func(*service.Runtime) error { return errors.New("no wiring") }
	require.ErrorContains(t, process(t, config(t), s, broken).Run(t.Context()), "no wiring")
	again, err := net.Listen("tcp", *at)
	require.NoError(t, err)
	require.NoError(t, again.Close())
}
