package cli

import (
	"fmt"

	"github.com/spf13/cobra"
	"google.golang.org/grpc"

	"mallbots.example/pkg/rpc"
)

// reach is how a command gets to a mall that runs.
type reach struct {
	target string
	access rpc.Access
}

func (r *reach) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&r.target, "target", defaultTarget, "address of the mall, or of a gateway")
	cmd.Flags().StringVar(&r.access.CAFile, "ca", "", "file with the authority that signs for the mall: encrypt the connection")
	cmd.Flags().StringVar(&r.access.TokenFile, "token-file", "", "file with the token to show to the gateway")
}

func (r *reach) dial(name string) (*grpc.ClientConn, error) {
	config := rpc.ClientConfig{Name: name}
	if err := r.access.AddTo(&config); err != nil {
		return nil, err
	}
	conn, err := rpc.Dial(r.target, config)
	if err != nil {
		return nil, fmt.Errorf("--target: %w", err)
	}
	return conn, nil
}
