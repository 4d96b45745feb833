package orderlog

import (
	"context"
	"io"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mallbots.example/k8s/kubectl-mallbots/internal/cluster"
)

// Pods are the logs of a cluster's pods.
type Pods struct{ Cluster *cluster.Cluster }

var _ Logs = Pods{}

// Sources implements Logs. Containers that have not started yet have no log. Of one that died and was started again, Kubernetes keeps the
// log of the last one before.
func (p Pods) Sources(ctx context.Context) ([]Source, error) {
	pods, err := p.Cluster.Pods(ctx)
	if err != nil {
		return nil, err
	}
	var sources []Source
	for i := range pods {
		pod := &pods[i]
		for _, status := range pod.Status.ContainerStatuses {
			source := Source{Service: pod.Labels[cluster.LabelName], Pod: pod.Name, Container: status.Name}
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

// Open implements Logs.
func (p Pods) Open(ctx context.Context, source Source, since time.Time, follow bool) (io.ReadCloser, error) {
	options := &corev1.PodLogOptions{Container: source.Container, Previous: source.Previous, Follow: follow, Timestamps: true}
	if !since.IsZero() {
		from := metav1.NewTime(since.Truncate(time.Second)) // what it is sent as
		options.SinceTime = &from
	}
	return p.Cluster.Client.CoreV1().Pods(p.Cluster.Namespace).GetLogs(source.Pod, options).Stream(ctx)
}
