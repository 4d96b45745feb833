package rpc

import (
	"context"
	"crypto/tls"
	"errors"
	"net"

	"google.golang.org/grpc/credentials"
)

// handshakes are transport credentials that ask for their certificates at each handshake, so that those may change while a server serves
// and connections live. gRPC's own keep those that they began with; its certificate providers are experimental.
type handshakes struct{ config func() *tls.Config }

var _ credentials.TransportCredentials = handshakes{}

// ClientHandshake implements credentials.TransportCredentials.
func (h handshakes) ClientHandshake(ctx context.Context, authority string, conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return credentials.NewTLS(h.config()).ClientHandshake(ctx, authority, conn)
}

// ServerHandshake implements credentials.TransportCredentials.
func (h handshakes) ServerHandshake(conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return credentials.NewTLS(h.config()).ServerHandshake(conn)
}

// Info implements credentials.TransportCredentials.
func (h handshakes) Info() credentials.ProtocolInfo { return credentials.NewTLS(h.config()).Info() }

// Clone implements credentials.TransportCredentials.
func (h handshakes) Clone() credentials.TransportCredentials { return h }

// OverrideServerName implements credentials.TransportCredentials. gRPC does not call it; grpc.WithAuthority does what it did.
func (h handshakes) OverrideServerName(string) error {
	return errors.New("rpc: use grpc.WithAuthority")
}
