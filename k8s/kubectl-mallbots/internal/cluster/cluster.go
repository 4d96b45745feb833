// Package cluster is what the plugin needs of Kubernetes: the pods of the mall, what they serve and log, and errors that say the way out.
package cluster

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

const (
	// LabelName is the label that names a pod's service.
	LabelName = "app.kubernetes.io/name"
	// LabelVersion is the label that names a pod's release, if there is one.
	LabelVersion = "app.kubernetes.io/version"
	// selector is what all pods of a mall have.
	selector = "app.kubernetes.io/part-of=mallbots"
	// usualNamespace is where the mall is, unless somebody deploys it elsewhere.
	usualNamespace = "mallbots"

	// requestTimeout of one question to the API server; it answers within a second.
	requestTimeout = 15 * time.Second
	// maxPods is far more than a mall has, and bounds what one list may bring.
	maxPods = 1000
)

// Cluster is a namespace of a Kubernetes cluster in which there is a mall.
type Cluster struct {
	Client    kubernetes.Interface
	Namespace string
	// Unconfigured says that no kubeconfig names a cluster; what is asked then is an API server on this machine, which is rarely there.
	Unconfigured bool
	// Forward opens a connection to a port of a pod. The pod may be gone by then.
	Forward func(ctx context.Context, pod string, port int) (net.Conn, error)
}

// Pods are the mall's pods. That there is none is an error.
func (c *Cluster) Pods(ctx context.Context) ([]corev1.Pod, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	pods, err := c.list(ctx, c.Namespace)
	if err != nil {
		return nil, c.explain(err)
	}
	if len(pods) == 0 {
		return nil, c.noMall(ctx)
	}
	return pods, nil
}

func (c *Cluster) list(ctx context.Context, namespace string) ([]corev1.Pod, error) {
	list, err := c.Client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: selector, Limit: maxPods})
	if err != nil {
		return nil, err
	}
	return list.Items, nil
}

// noMall says why there may be no pods, and where to look.
func (c *Cluster) noMall(ctx context.Context) error {
	if c.Namespace != usualNamespace {
		if pods, err := c.list(ctx, usualNamespace); err == nil && len(pods) > 0 { // who may not look there is told the rest
			return fmt.Errorf("no pods of the mall in namespace %q, but there are some in %q: add -n %s", c.Namespace, usualNamespace, usualNamespace)
		}
	}
	if _, err := c.Client.CoreV1().Namespaces().Get(ctx, c.Namespace, metav1.GetOptions{}); apierrors.IsNotFound(err) {
		return fmt.Errorf("there is no namespace %q: deploy the mall, or name another with -n", c.Namespace)
	}
	return fmt.Errorf("no pods of the mall in namespace %q: deploy it, or name another with -n", c.Namespace)
}

// Workload is what keeps the pods of one service.
type Workload struct {
	Service       string
	Wanted, Ready int32
}

// Workloads are the mall's Deployments and StatefulSets, without those that have no service's name.
func (c *Cluster) Workloads(ctx context.Context) ([]Workload, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	options := metav1.ListOptions{LabelSelector: selector, Limit: maxPods}
	deployments, err := c.Client.AppsV1().Deployments(c.Namespace).List(ctx, options)
	if err != nil {
		return nil, c.explain(err)
	}
	sets, err := c.Client.AppsV1().StatefulSets(c.Namespace).List(ctx, options)
	if err != nil {
		return nil, c.explain(err)
	}
	var workloads []Workload
	add := func(labels map[string]string, wanted *int32, ready int32) {
		if name := labels[LabelName]; name != "" {
			w := Workload{Service: name, Wanted: 1, Ready: ready} // 1 is Kubernetes' default
			if wanted != nil {
				w.Wanted = *wanted
			}
			workloads = append(workloads, w)
		}
	}
	for i := range deployments.Items {
		d := &deployments.Items[i]
		add(d.Labels, d.Spec.Replicas, d.Status.ReadyReplicas)
	}
	for i := range sets.Items {
		s := &sets.Items[i]
		add(s.Labels, s.Spec.Replicas, s.Status.ReadyReplicas)
	}
	return workloads, nil
}

// Ready reports whether a pod can be asked: it is ready, and not on its way out.
func Ready(pod *corev1.Pod) bool {
	if pod.DeletionTimestamp != nil {
		return false
	}
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}

// Port is the number of a pod's port by name, or 0 if it has none of that name.
func Port(pod *corev1.Pod, name string) int {
	for _, container := range pod.Spec.Containers {
		for _, port := range container.Ports {
			if port.Name == name {
				return int(port.ContainerPort)
			}
		}
	}
	return 0
}

// Version is a pod's release: its label, or the tag of its image, or the beginning of the image's digest.
func Version(pod *corev1.Pod) string {
	if version := pod.Labels[LabelVersion]; version != "" {
		return version
	}
	if len(pod.Spec.Containers) == 0 {
		return ""
	}
	image := pod.Spec.Containers[0].Image
	name, digest, pinned := strings.Cut(image, "@")
	if i := strings.LastIndex(name, ":"); i > strings.LastIndex(name, "/") { // else it is a registry's port
		return name[i+1:]
	}
	if _, hex, ok := strings.Cut(digest, ":"); pinned && ok {
		return hex[:min(len(hex), 12)]
	}
	return "latest" // what Kubernetes takes it for
}
