package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/grpc"

	"mallbots.example/pkg/rpc"
)

// reach is how a command gets to a mall that runs.
type reach struct{ target, caFile, tokenFile string }

func (r *reach) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&r.target, "target", defaultTarget, "address of the mall, or of a gateway")
	cmd.Flags().StringVar(&r.caFile, "ca", "", "file with the authority that signs for the mall: encrypt the connection")
	cmd.Flags().StringVar(&r.tokenFile, "token-file", "", "file with the token to show to the gateway")
}

func (r *reach) dial(name string) (*grpc.ClientConn, error) {
	config := rpc.ClientConfig{Name: name}
	if r.caFile != "" {
		content, err := os.ReadFile(r.caFile)
		if err != nil {
			return nil, fmt.Errorf("--ca: %w", err)
		}
		authority := x509.NewCertPool()
		if !authority.AppendCertsFromPEM(content) {
			return nil, fmt.Errorf("--ca: %s has no certificate in PEM", r.caFile)
		}
		config.TLS = func() *tls.Config { return &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: authority} }
	}
	if r.tokenFile != "" {
		content, err := os.ReadFile(r.tokenFile)
		if err != nil {
			return nil, fmt.Errorf("--token-file: %w", err)
		}
		token := strings.TrimSpace(string(content))
		if token == "" {
			return nil, errors.New("--token-file: the file is empty")
		}
		config.Options = append(config.Options, grpc.WithPerRPCCredentials(bearer(token)))
	}
	conn, err := rpc.Dial(r.target, config)
	if err != nil {
		return nil, fmt.Errorf("--target: %w", err)
	}
	return conn, nil
}

// bearer is a token that goes with every call.
type bearer string

// GetRequestMetadata implements credentials.PerRPCCredentials.
func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

// RequireTransportSecurity implements credentials.PerRPCCredentials. Where the network encrypts, plain text will do.
func (bearer) RequireTransportSecurity() bool { return false }
