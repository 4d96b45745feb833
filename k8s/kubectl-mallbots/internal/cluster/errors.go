package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/clientcmd"
)

// rights are what the commands need together.
const rights = "list pods, deployments and statefulsets, get pods/log, and create and get pods/portforward"

var errNoCluster = errors.New("no cluster is configured: set KUBECONFIG, or name a file with --kubeconfig")

// explain says what a person can do about an error of the API server.
func (c *Cluster) explain(err error) error {
	var connection *url.Error
	var network net.Error
	switch {
	case err == nil:
		return nil
	case apierrors.IsForbidden(err):
		return fmt.Errorf("%w: ask for the right, or name another namespace with -n; the plugin needs to %s", err, rights)
	case apierrors.IsUnauthorized(err):
		return errors.New("the cluster does not know you: log in again, or name another context with --context")
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return errors.New("the cluster does not answer in time: try again, or name another context with --context")
	case errors.As(err, &connection) && c.Unconfigured:
		return errNoCluster
	case errors.As(err, &connection):
		return fmt.Errorf("the cluster can't be reached, is it up? Else name another context with --context: %w", connection.Err)
	}
	return err
}

// explainConfig says what a person can do about a kubeconfig.
func explainConfig(err error) error {
	switch {
	case clientcmd.IsEmptyConfig(err):
		return errNoCluster
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: name another file with --kubeconfig", err)
	default: // it names what is wrong with the file, such as a context that is not in it
		return fmt.Errorf("%w: kubectl config view shows the configuration", err)
	}
}
