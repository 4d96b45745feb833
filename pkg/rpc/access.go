package rpc

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"

	"google.golang.org/grpc"
)

// Access is what a person's command shows to a gateway, and what it trusts. The zero Access is none, over plain text.
type Access struct {
	CAFile    string // the flag --ca: a file with the authority that signs for the mall, in PEM; the connection is encrypted then
	TokenFile string // the flag --token-file: a file with the token that the gateway knows the caller by
}

// AddTo reads the files, and puts what is in them into the settings of a connection. Its errors name the flag.
func (a Access) AddTo(config *ClientConfig) error {
	if a.CAFile != "" {
		content, err := os.ReadFile(a.CAFile)
		if err != nil {
			return fmt.Errorf("--ca: %w", err)
		}
		authority := x509.NewCertPool()
		if !authority.AppendCertsFromPEM(content) {
			return fmt.Errorf("--ca: %s has no certificate in PEM", a.CAFile)
		}
		config.TLS = func() *tls.Config { return &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: authority} }
	}
	if a.TokenFile != "" {
		content, err := os.ReadFile(a.TokenFile)
		if err != nil {
			return fmt.Errorf("--token-file: %w", err)
		}
		token := strings.TrimSpace(string(content))
		if token == "" {
			return errors.New("--token-file: the file is empty")
		}
		config.Options = append(config.Options, grpc.WithPerRPCCredentials(bearer(token)))
	}
	return nil
}

// bearer is a token that goes with every call.
type bearer string

// GetRequestMetadata implements credentials.PerRPCCredentials.
func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

// RequireTransportSecurity implements credentials.PerRPCCredentials. Where the network encrypts, plain text will do.
func (bearer) RequireTransportSecurity() bool { return false }
