package certs_test

import (
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/certs"
	"mallbots.example/pkg/certs/certstest"
	"mallbots.example/pkg/clock"
)

// patience is reached only by a test that fails.
const patience = 20 * time.Second

var quiet = slog.New(slog.DiscardHandler)

// shake makes a handshake between a client and a server, says a word each way, and gives the serial number of the server's certificate.
// Under TLS 1.3 a client learns only when it reads that the server has refused it.
func shake(t *testing.T, client, server *tls.Config) (serial int64, err error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan struct{})
	go func() {
		defer close(served)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		secured := tls.Server(conn, server)
		defer secured.Close()
		_ = conn.SetDeadline(time.Now().Add(patience))
		if secured.Handshake() == nil {
			_, _ = io.WriteString(secured, "x")
		}
	}()
	defer func() { <-served }()
	defer listener.Close()
	client = client.Clone()
	client.ServerName = "localhost"
	conn, err := tls.Dial("tcp", listener.Addr().String(), client)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		return 0, err
	}
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64(), nil
}

func open(t *testing.T, dir string, clk clock.Clock, log *slog.Logger) *certs.Dir {
	t.Helper()
	d, err := certs.Open(dir, clk, log)
	require.NoError(t, err)
	return d
}

func TestWhoIsOfTheMallIsKnownByItsCertificate(t *testing.T) {
	mall, stranger := certstest.NewCA(t), certstest.NewCA(t)
	one, other := open(t, mall.Dir(), clock.System{}, quiet), open(t, mall.Dir(), clock.System{}, quiet)
	strange := open(t, stranger.Dir(), clock.System{}, quiet)
	nobody := &tls.Config{RootCAs: mall.Pool()}
	impostor := strange.Client()
	impostor.RootCAs = mall.Pool()
	for name, test := range map[string]struct {
		client, server *tls.Config
		says           string
	}{
		"two of the mall":                             {one.Client(), other.Server(false), ""},
		"a client without a certificate":              {nobody, one.Server(false), "certificate required"},
		"a client with a stranger's":                  {impostor, one.Server(false), "unknown certificate authority"},
		"a server that a stranger signed for":         {one.Client(), strange.Server(true), "signed by unknown authority"},
		"at the edge, a client without a certificate": {nobody, one.Server(true), ""},
		"at the edge, a client with a stranger's":     {impostor, one.Server(true), "unknown certificate authority"},
		"at the edge, one of the mall":                {other.Client(), one.Server(true), ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := shake(t, test.client, test.server)
			if test.says == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, test.says)
			}
		})
	}
}

func TestWhatIsWrongWithAFolderIsNamed(t *testing.T) {
	ca := certstest.NewCA(t)
	now := time.Now()
	for name, test := range map[string]struct {
		spoil func(dir string)
		says  []string
	}{
		"no certificate":     {func(dir string) { remove(t, dir, "tls.crt") }, []string{"tls.crt", "no such file"}},
		"no key":             {func(dir string) { remove(t, dir, "tls.key") }, []string{"tls.key", "no such file"}},
		"no authority":       {func(dir string) { remove(t, dir, "ca.crt") }, []string{"ca.crt", "no such file"}},
		"another's key":      {func(dir string) { copyFile(t, ca.Dir(), dir, "tls.key") }, []string{"tls.crt and tls.key", "does not match"}},
		"no PEM":             {func(dir string) { write(t, dir, "tls.crt", "hello") }, []string{"tls.crt", "PEM"}},
		"an empty authority": {func(dir string) { write(t, dir, "ca.crt", "") }, []string{"ca.crt has no certificate in PEM"}},
		"expired": {
			func(dir string) { ca.Renew(dir, now.Add(-2*time.Hour), now.Add(-time.Hour)) }, []string{"tls.crt", "expired at 20"},
		},
		"of tomorrow": {
			func(dir string) { ca.Renew(dir, now.Add(time.Hour), now.Add(2*time.Hour)) }, []string{"tls.crt", "not valid before 20"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := ca.Dir()
			test.spoil(dir)
			_, err := certs.Open(dir, clock.System{}, quiet)
			require.ErrorContains(t, err, dir)
			require.NotContains(t, err.Error(), "\n")
			for _, part := range test.says {
				require.ErrorContains(t, err, part)
			}
		})
	}
}

func TestNewCertificatesAreTakenAndBrokenOnesAreNot(t *testing.T) {
	ca := certstest.NewCA(t)
	dir := ca.Dir()
	clk := clock.NewManual(time.Now())
	var log strings.Builder
	d := open(t, dir, clk, slog.New(slog.NewTextHandler(&log, nil)))
	serves := func() int64 {
		t.Helper()
		serial, err := shake(t, d.Client(), d.Server(false))
		require.NoError(t, err)
		return serial
	}
	old := serves()

	renewed := ca.Renew(dir, clk.Now().Add(-time.Minute), clk.Now().Add(2*time.Hour))
	require.Equal(t, old, serves(), "it does not look at every handshake")
	clk.Advance(5 * time.Second)
	require.Equal(t, renewed, serves())
	require.Equal(t, clk.Now().Add(2*time.Hour-5*time.Second).Truncate(time.Second), d.NotAfter())
	require.Contains(t, log.String(), "new certificates")

	copyFile(t, ca.Dir(), dir, "tls.key") // the half of a pair
	log.Reset()
	for range 3 {
		clk.Advance(5 * time.Second)
		require.Equal(t, renewed, serves())
	}
	require.Equal(t, 1, strings.Count(log.String(), "the old ones are kept"), "%s", log.String())
	require.Contains(t, log.String(), "tls.key")

	ca.Renew(dir, clk.Now().Add(-2*time.Hour), clk.Now().Add(-time.Hour))
	clk.Advance(5 * time.Second)
	require.Equal(t, renewed, serves(), "an expired one is no better than the old one")
	remove(t, dir, "ca.crt")
	clk.Advance(5 * time.Second)
	require.Equal(t, renewed, serves())

	whole := ca.Renew(dir, clk.Now().Add(-time.Minute), clk.Now().Add(time.Hour))
	clk.Advance(5 * time.Second)
	require.Equal(t, whole, serves(), "what was broken is looked at again")
}

// Whoever watches when certificates end must not be woken because nobody has called since they were renewed.
func TestWhenACertificateEndsIsKnownWithoutAHandshake(t *testing.T) {
	ca := certstest.NewCA(t)
	dir := ca.Dir()
	clk := clock.NewManual(time.Now())
	d := open(t, dir, clk, quiet)
	until := clk.Now().Add(48 * time.Hour)
	ca.Renew(dir, clk.Now().Add(-time.Minute), until)
	clk.Advance(5 * time.Second)
	require.True(t, until.Truncate(time.Second).Equal(d.NotAfter()), "%v", d.NotAfter())
}

func TestAnAuthorityIsReplacedByWayOfBoth(t *testing.T) {
	before, after := certstest.NewCA(t), certstest.NewCA(t)
	oldDir, newDir := before.Dir(), after.Dir()
	both := string(before.PEM) + string(after.PEM)
	write(t, oldDir, "ca.crt", both)
	write(t, newDir, "ca.crt", both)
	one, other := open(t, oldDir, clock.System{}, quiet), open(t, newDir, clock.System{}, quiet)
	_, err := shake(t, one.Client(), other.Server(false))
	require.NoError(t, err)
	_, err = shake(t, other.Client(), one.Server(false))
	require.NoError(t, err)
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
}

func remove(t *testing.T, dir, name string) {
	t.Helper()
	require.NoError(t, os.Remove(filepath.Join(dir, name)))
}

func copyFile(t *testing.T, from, to, name string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(from, name))
	require.NoError(t, err)
	write(t, to, name, string(content))
}
