package service_test

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"mallbots.example/pkg/certs"
	"mallbots.example/pkg/certs/certstest"
	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/rpc"
	"mallbots.example/pkg/service"
)

// health asks a process over TLS how it is.
func health(t *testing.T, addr string, config func() *tls.Config) error {
	t.Helper()
	conn, err := rpc.Dial(addr, rpc.ClientConfig{TLS: config})
	require.NoError(t, err)
	defer conn.Close()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	_, err = healthv1.NewHealthClient(conn).Check(ctx, &healthv1.HealthCheckRequest{})
	return err
}

func TestServicesEncryptAndAskForCertificates(t *testing.T) {
	ca := certstest.NewCA(t)
	for name, test := range map[string]struct {
		guard  func(*service.Runtime) (service.Guard, error)
		nobody codes.Code // is what a client without a certificate gets
	}{
		"inside the mall": {nil, codes.Unavailable},
		"at the edge":     {func(*service.Runtime) (service.Guard, error) { return service.Guard{}, nil }, codes.OK},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(t)
			cfg.TLSDir = ca.Dir()
			var self grpc.ClientConnInterface
			s := quiet("one")
			s.Guard = test.guard
			s.Build = func(rt *service.Runtime) error {
				require.True(t, rt.TLS())
				self = rt.Peer("two")
				return nil
			}
			r := start(t, process(t, cfg, s))
			defer r.end(t)
			client, err := certs.Open(ca.Dir(), clock.System{}, slog.New(slog.DiscardHandler))
			require.NoError(t, err)
			require.NoError(t, health(t, r.grpc, client.Client))
			err = health(t, r.grpc, func() *tls.Config { return &tls.Config{RootCAs: ca.Pool()} })
			require.Equal(t, test.nobody, status.Code(err), "%v", err)
			require.Equal(t, codes.Unavailable, status.Code(health(t, r.grpc, nil)), "plain text")

			require.NoError(t, self.Invoke(t.Context(), healthv1.Health_Check_FullMethodName, &emptypb.Empty{}, &emptypb.Empty{}), "its own calls")
			code, metrics := get(t, "http://"+r.admin+"/metrics")
			require.Equal(t, http.StatusOK, code)
			require.Contains(t, metrics, "tls_certificate_not_after_timestamp_seconds 1.")
		})
	}
}

func TestServicesThatListenEverywhereReachThemselves(t *testing.T) {
	cfg := config(t)
	cfg.TLSDir, cfg.GRPCAddr = certstest.NewCA(t).Dir(), "0.0.0.0:0"
	var self grpc.ClientConnInterface
	s := quiet("one")
	s.Build = func(rt *service.Runtime) error {
		self = rt.Peer("two")
		return nil
	}
	r := start(t, process(t, cfg, s))
	defer r.end(t)
	require.NoError(t, self.Invoke(t.Context(), healthv1.Health_Check_FullMethodName, &emptypb.Empty{}, &emptypb.Empty{}))
}

func TestAServerOfAnotherProtocolIsEncryptedToo(t *testing.T) {
	ca := certstest.NewCA(t)
	cfg := config(t)
	cfg.TLSDir = ca.Dir()
	s, at := echoing("127.0.0.1:0", hello)
	s.Guard = func(*service.Runtime) (service.Guard, error) { return service.Guard{}, nil }
	r := start(t, process(t, cfg, s))
	defer r.end(t)
	conn, err := tls.Dial("tcp", *at, &tls.Config{RootCAs: ca.Pool(), NextProtos: []string{"h2", "http/1.1"}})
	require.NoError(t, err)
	defer conn.Close()
	require.Equal(t, "http/1.1", conn.ConnectionState().NegotiatedProtocol)
	got, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Equal(t, "hello", string(got))
}

func TestAGuardIsAskedBeforeEveryCall(t *testing.T) {
	var asked atomic.Int64
	s := quiet("one")
	s.Guard = func(*service.Runtime) (service.Guard, error) {
		return service.Guard{
			Unary: func(context.Context, any, *grpc.UnaryServerInfo, grpc.UnaryHandler) (any, error) {
				asked.Add(1)
				return nil, rpc.Refusal(codes.Unauthenticated, "WHO", "who is it?")
			},
			Stream: func(any, grpc.ServerStream, *grpc.StreamServerInfo, grpc.StreamHandler) error {
				asked.Add(1)
				return rpc.Refusal(codes.Unauthenticated, "WHO", "who is it?")
			},
		}, nil
	}
	r := start(t, process(t, config(t), s))
	defer r.end(t)
	conn, err := rpc.Dial(r.grpc, rpc.ClientConfig{})
	require.NoError(t, err)
	defer conn.Close()
	client := healthv1.NewHealthClient(conn)
	_, err = client.Check(t.Context(), &healthv1.HealthCheckRequest{})
	require.Equal(t, "WHO", rpc.Reason(err), "%v", err)
	stream, err := client.Watch(t.Context(), &healthv1.HealthCheckRequest{})
	require.NoError(t, err)
	_, err = stream.Recv()
	require.Equal(t, "WHO", rpc.Reason(err), "%v", err)
	require.EqualValues(t, 2, asked.Load())
}

func TestCertificatesThatCannotBeUsedKeepAProcessFromStarting(t *testing.T) {
	dir := certstest.NewCA(t).Dir()
	require.NoError(t, os.Remove(filepath.Join(dir, "ca.crt")))
	cfg := config(t)
	cfg.TLSDir = dir
	err := process(t, cfg, quiet("one")).Run(t.Context())
	require.ErrorContains(t, err, "MALLBOTS_TLS_DIR: open "+filepath.Join(dir, "ca.crt"))
	require.NotContains(t, err.Error(), "\n")
}

func TestAGuardThatCannotBeMadeKeepsAProcessFromStarting(t *testing.T) {
	s := quiet("one")
	s.Guard = func(*service.Runtime) (service.Guard, error) { return service.Guard{}, io.ErrUnexpectedEOF }
	require.ErrorContains(t, process(t, config(t), s).Run(t.Context()), "one: unexpected EOF")
}
