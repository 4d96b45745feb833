package cli

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"

	"mallbots.example/k8s/kubectl-mallbots/internal/cluster"
	"mallbots.example/k8s/kubectl-mallbots/internal/health"
)

const (
	// adminPort is the name of the port where a pod serves its metrics. What has none, such as a database, has no figures.
	adminPort = "admin"
	// askers is how many pods are asked at the same time.
	askers = 8
	// askTimeout of one pod: a connection by way of the API server, and a page.
	askTimeout = 10 * time.Second
	// maxMetrics bounds one page, in bytes; a service's has some ten thousand.
	maxMetrics = 8 << 20
)

func newStatus(connect connect) *cobra.Command {
	var out output
	var patience time.Duration
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show how the mall does, a row a service",
		Long: `Shows, for each service, how many of its replicas are ready, its version, and from the metrics of its pods:

  WAITING    messages in its streams that it has not read or not acknowledged
  UNSENT     messages in its outbox that are not known to be sent
  DEFERRED   messages that failed and are tried again
  DEAD       dead letters: messages that were given up and wait for an operator
  SAGAS      orders that cosec carries through the services now

The last line says whether all is well; if it is not, the exit code is 1. A figure is missing in the first ten seconds of a pod, and while
its database or Redis does not answer. All replicas of a service tell the same figures, at most some
seconds old; of different ones the greatest is shown. Messages that wait are a problem once the oldest has waited for --patience.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if patience <= 0 {
				return fmt.Errorf("--patience must be positive, such as 30s, not %v", patience)
			}
			c, err := connect()
			if err != nil {
				return err
			}
			report, err := inspect(cmd.Context(), c, patience)
			if err != nil {
				return err
			}
			write := report.Table
			if out.json() {
				write = report.JSON
			}
			if err := write(cmd.OutOrStdout()); err != nil {
				return err
			}
			if !report.Well {
				return ErrNotWell
			}
			return nil
		},
	}
	out.addTo(cmd)
	cmd.Flags().DurationVar(&patience, "patience", 30*time.Second, "for how long messages may wait before that is a problem")
	return cmd
}

func inspect(ctx context.Context, c *cluster.Cluster, patience time.Duration) (health.Report, error) {
	pods, err := c.Pods(ctx)
	if err != nil {
		return health.Report{}, err
	}
	workloads, err := c.Workloads(ctx)
	if err != nil {
		return health.Report{}, err
	}
	var replicas []health.Replicas
	for _, w := range workloads {
		replicas = append(replicas, health.Replicas{Service: w.Service, Wanted: w.Wanted, Ready: w.Ready})
	}
	return health.Judge(c.Namespace, replicas, askAll(ctx, c, pods), patience), nil
}

// askAll asks each pod that runs for its figures. One that starts or ends is no problem by itself: its service has fewer ready replicas.
func askAll(ctx context.Context, c *cluster.Cluster, pods []corev1.Pod) []health.Pod {
	answers := make([]health.Pod, len(pods))
	next := make(chan int, len(pods))
	for i := range pods {
		next <- i
	}
	close(next)
	var asking sync.WaitGroup
	for range min(askers, len(pods)) {
		asking.Go(func() {
			for i := range next {
				pod := &pods[i]
				answers[i] = health.Pod{Name: pod.Name, Service: pod.Labels[cluster.LabelName], Version: cluster.Version(pod)}
				if cluster.Ready(pod) && cluster.Port(pod, adminPort) != 0 {
					answers[i].Asked = true
					answers[i].Figures, answers[i].Err = ask(ctx, c, pod)
				}
			}
		})
	}
	asking.Wait()
	return answers
}

// ask reads the metrics of a pod through a connection to it, which works where network policies keep the API server's proxy out.
func ask(ctx context.Context, c *cluster.Cluster, pod *corev1.Pod) (health.Figures, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return c.Forward(ctx, pod.Name, cluster.Port(pod, adminPort))
		},
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+pod.Name+"/metrics", nil)
	if err != nil {
		return health.Figures{}, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return health.Figures{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return health.Figures{}, fmt.Errorf("GET /metrics answers %s", resp.Status)
	}
	return health.Parse(io.LimitReader(resp.Body, maxMetrics))
}
