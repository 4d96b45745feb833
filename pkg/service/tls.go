package service

import (
	"crypto/tls"
	"fmt"
	"net"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"

	"mallbots.example/pkg/certs"
	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/rpc"
)

// Guard is what decides about the calls of a process that has clients outside the mall. The zero value lets all pass.
type Guard struct {
	Unary  grpc.UnaryServerInterceptor
	Stream grpc.StreamServerInterceptor
}

// handshake gives the settings of the next TLS handshake; nil: plain text.
type handshake func() *tls.Config

// openCerts reads the certificates, if there are any: those with which the process calls, and those with which it is called.
func (p *Process) openCerts() (client, server handshake, err error) {
	if p.Config.TLSDir == "" {
		return nil, nil, nil
	}
	dir, err := certs.Open(p.Config.TLSDir, clock.System{}, p.Log)
	if err != nil {
		return nil, nil, fmt.Errorf("MALLBOTS_TLS_DIR: %w", err)
	}
	p.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "tls_certificate_not_after_timestamp_seconds", Help: "When the certificate of the process ends, in Unix time.",
	}, func() float64 { return float64(dir.NotAfter().Unix()) }))
	edge := slices.ContainsFunc(p.Services, func(s Service) bool { return s.Guard != nil })
	return dir.Client, func() *tls.Config { return dir.Server(edge) }, nil
}

// guard puts a service's guard before everything that the process serves.
func (s Service) guard(rt *Runtime, config *rpc.ServerConfig) error {
	if s.Guard == nil {
		return nil
	}
	guard, err := s.Guard(rt)
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	if guard.Unary != nil {
		config.UnaryInterceptors = append(config.UnaryInterceptors, guard.Unary)
	}
	if guard.Stream != nil {
		config.StreamInterceptors = append(config.StreamInterceptors, guard.Stream)
	}
	return nil
}

// TLS reports whether the process encrypts, and so knows the calls of the mall's own by their certificate.
func (rt *Runtime) TLS() bool { return rt.tls != nil }

// encrypted is a listener of another protocol than gRPC, with TLS if the process has it. It offers HTTP/1.1 and not HTTP/2, whose server
// takes a write deadline for the end of a stream, even of one that has nothing to write.
func (rt *Runtime) encrypted(listener net.Listener) net.Listener {
	if rt.tls == nil {
		return listener
	}
	return tls.NewListener(listener, &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		config := rt.tls()
		config.NextProtos = []string{"http/1.1"}
		return config, nil
	}})
}

// reachable is an address of this process that its own clients can name, as certificates do: one that listens everywhere listens there.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return addr
}
