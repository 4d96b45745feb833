package rpc

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"mallbots.example/pkg/certs"
	"mallbots.example/pkg/certs/certstest"
	"mallbots.example/pkg/clock"
)

func openCerts(t *testing.T, dir string, clk clock.Clock) *certs.Dir {
	t.Helper()
	d, err := certs.Open(dir, clk, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// callOn calls over a new connection and gives the serial number of the server's certificate.
func callOn(t *testing.T, addr string, client func() *tls.Config) (serial int64, err error) {
	t.Helper()
	conn, err := Dial(addr, ClientConfig{TLS: client})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var from peer.Peer
	if _, err := testpb.NewTestServiceClient(conn).UnaryCall(ctx, &testpb.SimpleRequest{}, grpc.Peer(&from)); err != nil {
		return 0, err
	}
	return from.AuthInfo.(credentials.TLSInfo).State.PeerCertificates[0].SerialNumber.Int64(), nil
}

func TestServersAndClientsKnowEachOtherByTheirCertificates(t *testing.T) {
	mall, stranger := certstest.NewCA(t), certstest.NewCA(t)
	server, client := openCerts(t, mall.Dir(), clock.System{}), openCerts(t, mall.Dir(), clock.System{})
	strange := openCerts(t, stranger.Dir(), clock.System{})
	r, _ := startTest(t, ServerConfig{TLS: func() *tls.Config { return server.Server(false) }}, &testService{})
	if _, err := callOn(t, r.addr, client.Client); err != nil {
		t.Errorf("one of the mall is refused: %v", err)
	}
	for name, config := range map[string]func() *tls.Config{
		"another authority": strange.Client,
		"no certificate":    func() *tls.Config { return &tls.Config{RootCAs: mall.Pool()} },
		"plain text":        nil,
	} {
		if _, err := callOn(t, r.addr, config); status.Code(err) != codes.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCertificatesAreRenewedUnderAServerWithoutAFailedCall(t *testing.T) {
	ca := certstest.NewCA(t)
	dir := ca.Dir()
	clk := clock.NewManual(time.Now())
	certificates := openCerts(t, dir, clk)
	r, _ := startTest(t, ServerConfig{TLS: func() *tls.Config { return certificates.Server(false) }}, &testService{})
	longLived := testpb.NewTestServiceClient(dial(t, r.addr, ClientConfig{TLS: certificates.Client}))

	seen, stop, stopped := make(chan int64), make(chan struct{}), make(chan struct{})
	go func() { // calls over new connections all the time, also while the files are half written
		defer close(stopped)
		for {
			serial, err := callOn(t, r.addr, certificates.Client)
			if err != nil {
				t.Errorf("a call failed: %v", err)
			}
			select {
			case seen <- serial:
			case <-stop:
				return
			}
		}
	}()
	for range 5 {
		renewed := ca.Renew(dir, time.Now().Add(-time.Minute), time.Now().Add(time.Hour))
		clk.Advance(10 * time.Second)
		for end := time.Now().Add(patience); await(t, seen, "a call") != renewed; clk.Advance(10 * time.Second) {
			if time.Now().After(end) {
				t.Fatal("the new certificate is not taken")
			}
		}
		if _, err := longLived.UnaryCall(t.Context(), &testpb.SimpleRequest{}); err != nil {
			t.Errorf("a call on an old connection failed: %v", err)
		}
	}
	close(stop)
	await(t, stopped, "the calls to end")
}
