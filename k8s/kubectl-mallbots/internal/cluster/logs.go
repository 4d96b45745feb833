package cluster

import (
	"context"
	"io"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mallbots.example/k8s/kubectl-mallbots/internal/orderlog"
)

var _ orderlog.Logs = (*Cluster)(nil)

// Sources implements orderlog.Logs. Containers that have not started yet have no log. Of one that died and was started again, Kubernetes
// keeps the log of the last one before.
func (c *Cluster) Sources(ctx context.Context) ([]orderlog.Source, error) {
	pods, err := c.Pods(ctx)
	if err != nil {
		return nil, err
	}
	var sources []orderlog.Source
	for i := range pods {
		pod := &pods[i]
		for _, status := range pod.Status.ContainerStatuses {
			source := orderlog.Source{Service: pod.Labels[LabelName], Pod: pod.Name, Container: status.Name}
			if status.RestartCount > 0 {
				before := source
				before.Previous = true
				sources = append(sources, before)
			}
			if status.State.Waiting == nil {
				sources = append(sources, source)
			}
		}
	}
	return sources, nil
}

// Open implements orderlog.Logs.
func (c *Cluster) Open(ctx context.Context, source orderlog.Source, since time.Time, follow bool) (io.ReadCloser, error) {
	options := &corev1.PodLogOptions{Container: source.Container, Previous: source.Previous, Follow: follow, Timestamps: true}
	if !since.IsZero() {
		from := metav1.NewTime(since.Truncate(time.Second)) // what it is sent as
		options.SinceTime = &from
	}
	log, err := c.Client.CoreV1().Pods(c.Namespace).GetLogs(source.Pod, options).Stream(ctx)
	return log, c.explain(err)
}
