// Package certs reads a process's certificates from a folder and reads them again when they change, so that renewing them needs no restart.
//
// The folder has the layout of a Kubernetes TLS Secret, as cert-manager writes it: tls.crt and tls.key are the process's own, for clients and
// servers alike (extended key usages: server auth and client auth); ca.crt has the authorities that sign for the mall, and for nobody
// else: who has a certificate of theirs belongs to the mall. While an authority is being replaced, ca.crt has the old and the new one.
package certs

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"mallbots.example/pkg/clock"
)

// The files of a folder.
const (
	certFile = "tls.crt"
	keyFile  = "tls.key"
	caFile   = "ca.crt"
)

// lookInterval is how late a new certificate may be taken. Certificates are renewed days before they end, and a storm of handshakes must not
// become one of reads.
const lookInterval = 5 * time.Second

// Dir is a folder of certificates. Safe for concurrent use.
type Dir struct {
	path  string
	clock clock.Clock
	log   *slog.Logger

	current atomic.Pointer[identity]

	mu      sync.Mutex // is held by the handshake that looks at the files; the others go on meanwhile
	looked  time.Time
	problem string // the one in the log
}

// identity is what the files say.
type identity struct {
	raw  [3][]byte // the files themselves, to see whether they have changed: names and times of mounted secrets tell less
	cert tls.Certificate
	ca   *x509.CertPool
}

// Open reads the folder. What is wrong with it is told in one line that names the file.
func Open(path string, clk clock.Clock, log *slog.Logger) (*Dir, error) {
	d := &Dir{path: path, clock: clk, log: log, looked: clk.Now()}
	raw, err := d.read()
	if err != nil {
		return nil, err
	}
	id, err := d.parse(raw)
	if err != nil {
		return nil, err
	}
	d.current.Store(id)
	return d, nil
}

// Client is the configuration of the next handshake as a client: it presents the certificate and trusts servers that ca.crt signs for.
func (d *Dir) Client() *tls.Config {
	id := d.look()
	return &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{id.cert}, RootCAs: id.ca}
}

// Server is the configuration of the next handshake as a server. Clients must have a certificate that ca.crt signs for; at the edge those
// from outside, who have none, may come without.
func (d *Dir) Server(edge bool) *tls.Config {
	id := d.look()
	config := &tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{id.cert}, ClientCAs: id.ca, ClientAuth: tls.RequireAndVerifyClientCert,
	}
	if edge {
		config.ClientAuth = tls.VerifyClientCertIfGiven
	}
	return config
}

// look gives what the files say, if they can be used, and else what they said before.
func (d *Dir) look() *identity {
	if !d.mu.TryLock() {
		return d.current.Load()
	}
	defer d.mu.Unlock()
	if now := d.clock.Now(); now.Sub(d.looked) >= lookInterval {
		d.looked = now
		d.refresh()
	}
	return d.current.Load()
}

// refresh takes files that have changed. Those that can't be used, half written ones among them, are looked at again the next time.
func (d *Dir) refresh() {
	raw, err := d.read()
	if err == nil && d.current.Load().isOf(raw) {
		d.problem = ""
		return
	}
	var id *identity
	if err == nil {
		id, err = d.parse(raw)
	}
	switch {
	case err == nil:
		d.current.Store(id)
		d.problem = ""
		d.log.Info("new certificates", "dir", d.path, "valid_until", id.cert.Leaf.NotAfter)
	case err.Error() != d.problem:
		d.problem = err.Error()
		d.log.Error("the new certificates can't be used, the old ones are kept", "error", err)
	}
}

func (d *Dir) read() (raw [3][]byte, err error) {
	for i, name := range []string{certFile, keyFile, caFile} {
		if raw[i], err = os.ReadFile(filepath.Join(d.path, name)); err != nil {
			return raw, err // names the file
		}
	}
	return raw, nil
}

func (d *Dir) parse(raw [3][]byte) (*identity, error) {
	cert, err := tls.X509KeyPair(raw[0], raw[1])
	if err != nil {
		return nil, fmt.Errorf("%s and %s can't be used: %s", d.file(certFile), keyFile, strings.TrimPrefix(err.Error(), "tls: "))
	}
	switch now := d.clock.Now(); {
	case now.After(cert.Leaf.NotAfter):
		return nil, fmt.Errorf("the certificate in %s expired at %s", d.file(certFile), cert.Leaf.NotAfter.Format(time.RFC3339))
	case now.Before(cert.Leaf.NotBefore):
		return nil, fmt.Errorf("the certificate in %s is not valid before %s", d.file(certFile), cert.Leaf.NotBefore.Format(time.RFC3339))
	}
	ca := x509.NewCertPool()
	if !ca.AppendCertsFromPEM(raw[2]) {
		return nil, fmt.Errorf("%s has no certificate in PEM", d.file(caFile))
	}
	return &identity{raw, cert, ca}, nil
}

func (d *Dir) file(name string) string { return filepath.Join(d.path, name) }

func (id *identity) isOf(raw [3][]byte) bool {
	for i := range raw {
		if !bytes.Equal(id.raw[i], raw[i]) {
			return false
		}
	}
	return true
}

// NotAfter is when the process's own certificate ends. It looks at the files, as handshakes do, of which an idle process has none for hours.
func (d *Dir) NotAfter() time.Time { return d.look().cert.Leaf.NotAfter }
