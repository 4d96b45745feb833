package cluster

import (
	"context"
	"net"

	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// Connect makes a Cluster of kubectl's own flags and kubeconfig. It asks the API server nothing yet.
func Connect(flags genericclioptions.RESTClientGetter) (*Cluster, error) {
	config, err := flags.ToRESTConfig()
	if err != nil {
		return nil, explainConfig(err)
	}
	namespace, _, err := flags.ToRawKubeConfigLoader().Namespace()
	if err != nil {
		return nil, explainConfig(err)
	}
	config.QPS, config.Burst = 50, 300        // as kubectl itself: a log is a request, and a mall has many
	config.WarningHandler = rest.NoWarnings{} // about deprecated APIs: not for whoever uses the plugin
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, explainConfig(err)
	}
	raw, err := flags.ToRawKubeConfigLoader().RawConfig()
	c := &Cluster{Client: client, Namespace: namespace, Unconfigured: err == nil && len(raw.Clusters) == 0}
	c.Forward = func(ctx context.Context, pod string, port int) (net.Conn, error) {
		target := client.CoreV1().RESTClient().Post().Resource("pods").Namespace(namespace).Name(pod).SubResource("portforward").URL()
		conn, err := forward(ctx, config, target, port)
		return conn, c.explain(err)
	}
	return c, nil
}
