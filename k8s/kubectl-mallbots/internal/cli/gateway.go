package cli

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/spf13/cobra"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	corev1 "k8s.io/api/core/v1"

	"mallbots.example/k8s/kubectl-mallbots/internal/cluster"
	"mallbots.example/pkg/rpc"
)

const (
	gateway = "gateway"
	// grpcPort is the name of the port where a pod serves gRPC.
	grpcPort = "grpc"
)

// dialGateway connects to a gateway of the mall. When its pod dies, the connection is made anew to another one that is ready.
func dialGateway(ctx context.Context, c *cluster.Cluster, access rpc.Access) (*grpc.ClientConn, error) {
	if _, err := readyGateway(ctx, c); err != nil {
		return nil, err
	}
	config := rpc.ClientConfig{
		Name: "kubectl-mallbots",
		Options: []grpc.DialOption{grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			pod, err := readyGateway(ctx, c)
			if err != nil {
				return nil, err
			}
			return c.Forward(ctx, pod.Name, cluster.Port(pod, grpcPort))
		})},
	}
	if err := access.AddTo(&config); err != nil {
		return nil, err
	}
	return rpc.Dial("passthrough:///"+gateway, config) // the name is also the one in its certificate
}

// addAccess adds the flags of a command that calls the mall.
func addAccess(cmd *cobra.Command, access *rpc.Access) {
	cmd.Flags().StringVar(&access.CAFile, "ca", "", "file with the authority that signs for the mall: encrypt the connection")
	cmd.Flags().StringVar(&access.TokenFile, "token-file", "", "file with the token to show to the gateway")
}

// readyGateway gives the youngest gateway that is ready: of an old one and its replacement, the one that stays.
func readyGateway(ctx context.Context, c *cluster.Cluster) (*corev1.Pod, error) {
	pods, err := c.Pods(ctx)
	if err != nil {
		return nil, err
	}
	var youngest *corev1.Pod
	for i := range pods {
		pod := &pods[i]
		if pod.Labels[cluster.LabelName] != gateway || !cluster.Ready(pod) {
			continue
		}
		if youngest == nil || youngest.CreationTimestamp.Before(&pod.CreationTimestamp) {
			youngest = pod
		}
	}
	if youngest == nil {
		return nil, fmt.Errorf("no gateway of the mall is ready in namespace %q: kubectl mallbots status says more", c.Namespace)
	}
	return youngest, nil
}

// explain makes one sentence of an error of the mall: what it says to clients, and the reason by which its documentation names it.
func explain(err error) error {
	var answered interface{ GRPCStatus() *status.Status }
	if !errors.As(err, &answered) {
		return err
	}
	told := answered.GRPCStatus()
	if reason := rpc.Reason(err); reason != "" {
		return fmt.Errorf("%s (%s)", told.Message(), reason)
	}
	if told.Code() == codes.Unavailable {
		return fmt.Errorf("the gateway can't be reached: %s", told.Message())
	}
	return errors.New(told.Message())
}

// withGateway calls use with a connection to the gateway, for as long as that takes.
func withGateway(cmd *cobra.Command, connect connect, access rpc.Access, use func(conn *grpc.ClientConn) error) error {
	c, err := connect()
	if err != nil {
		return err
	}
	conn, err := dialGateway(cmd.Context(), c, access)
	if err != nil {
		return err
	}
	defer conn.Close()
	return use(conn)
}
