package cluster

import (
	"context"
	"errors"
	"net/url"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"mallbots.example/k8s/kubectl-mallbots/internal/orderlog"
)

func labels(service string) map[string]string {
	return map[string]string{"app.kubernetes.io/part-of": "mallbots", LabelName: service}
}

func aPod(namespace, service string, change ...func(*corev1.Pod)) *corev1.Pod {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: service + "-1", Labels: labels(service)},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Name: service, Image: "registry.example:5000/mallbots/" + service + ":1.4.0",
			Ports: []corev1.ContainerPort{{Name: "grpc", ContainerPort: 9000}, {Name: "admin", ContainerPort: 9090}},
		}}},
		Status: corev1.PodStatus{
			Conditions:        []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}},
			ContainerStatuses: []corev1.ContainerStatus{{Name: service}},
		},
	}
	for _, change := range change {
		change(pod)
	}
	return pod
}

func aNamespace(name string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
}

func TestOnlyThePodsOfTheMallAreSeen(t *testing.T) {
	other := aPod("shop", "web")
	other.Labels = map[string]string{LabelName: "web"}
	c := &Cluster{Client: fake.NewClientset(aPod("shop", "ordering"), other, aPod("elsewhere", "depot")), Namespace: "shop"}
	pods, err := c.Pods(t.Context())
	require.NoError(t, err)
	require.Len(t, pods, 1)
	require.Equal(t, "ordering-1", pods[0].Name)
}

func TestWhereThereIsNoMallTheErrorSaysTheWayOut(t *testing.T) {
	for name, test := range map[string]struct {
		objects   []runtime.Object
		namespace string
		want      string
	}{
		"nowhere":                {[]runtime.Object{aNamespace("default")}, "default", `no pods of the mall in namespace "default": deploy it, or name another with -n`},
		"in the usual namespace": {[]runtime.Object{aNamespace("default"), aPod("mallbots", "depot")}, "default", `no pods of the mall in namespace "default", but there are some in "mallbots": add -n mallbots`},
		"no such namespace":      {nil, "shop", `there is no namespace "shop": deploy the mall, or name another with -n`},
		"the usual one is empty": {[]runtime.Object{aNamespace("mallbots")}, "mallbots", `no pods of the mall in namespace "mallbots": deploy it, or name another with -n`},
	} {
		t.Run(name, func(t *testing.T) {
			c := &Cluster{Client: fake.NewClientset(test.objects...), Namespace: test.namespace}
			_, err := c.Pods(t.Context())
			require.EqualError(t, err, test.want)
		})
	}
}

func TestWhatTheClusterRefusesIsExplained(t *testing.T) {
	pods := schema.GroupResource{Resource: "pods"}
	refused := &url.Error{Op: "Get", URL: "https://cluster.example", Err: syscall.ECONNREFUSED}
	for name, test := range map[string]struct {
		err          error
		unconfigured bool
		want         string
	}{
		"no rights":      {apierrors.NewForbidden(pods, "", errors.New("user ada can't list pods")), false, "ask for the right, or name another namespace with -n; the plugin needs to list pods"},
		"nobody":         {apierrors.NewUnauthorized("no token"), false, "the cluster does not know you"},
		"not there":      {refused, false, "the cluster can't be reached"},
		"not configured": {refused, true, "no cluster is configured: set KUBECONFIG"},
		"not in time":    {context.DeadlineExceeded, false, "the cluster does not answer in time"},
	} {
		t.Run(name, func(t *testing.T) {
			client := fake.NewClientset()
			client.PrependReactor("list", "*", func(clienttesting.Action) (bool, runtime.Object, error) { return true, nil, test.err })
			c := &Cluster{Client: client, Namespace: "shop", Unconfigured: test.unconfigured}
			_, err := c.Pods(t.Context())
			require.ErrorContains(t, err, test.want)
			_, err = c.Workloads(t.Context())
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestWorkloadsTellHowManyReplicasThereAreToBe(t *testing.T) {
	three := int32(3)
	meta := func(service string) metav1.ObjectMeta {
		return metav1.ObjectMeta{Namespace: "shop", Name: service, Labels: labels(service)}
	}
	nameless := meta("x")
	delete(nameless.Labels, LabelName)
	c := &Cluster{Namespace: "shop", Client: fake.NewClientset(
		&appsv1.Deployment{ObjectMeta: meta("ordering"), Spec: appsv1.DeploymentSpec{Replicas: &three}, Status: appsv1.DeploymentStatus{ReadyReplicas: 2}},
		&appsv1.Deployment{ObjectMeta: meta("depot")},
		&appsv1.Deployment{ObjectMeta: nameless},
		&appsv1.StatefulSet{ObjectMeta: meta("bots"), Status: appsv1.StatefulSetStatus{ReadyReplicas: 1}},
	)}
	workloads, err := c.Workloads(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, []Workload{
		{Service: "ordering", Wanted: 3, Ready: 2}, {Service: "depot", Wanted: 1}, {Service: "bots", Wanted: 1, Ready: 1},
	}, workloads)
}

func TestAPodsVersionIsItsLabelOrItsImages(t *testing.T) {
	for image, want := range map[string]string{
		"mallbots/depot:1.4.0":                                    "1.4.0",
		"registry.example:5000/mallbots/depot:1.4.0":              "1.4.0",
		"registry.example:5000/mallbots/depot":                    "latest",
		"mallbots/depot:1.4.0@sha256:0123456789abcdef0123":        "1.4.0",
		"registry.example:5000/depot@sha256:0123456789abcdef0123": "0123456789ab",
	} {
		require.Equal(t, want, Version(aPod("shop", "depot", func(p *corev1.Pod) { p.Spec.Containers[0].Image = image })), image)
	}
	labeled := aPod("shop", "depot", func(p *corev1.Pod) { p.Labels[LabelVersion] = "2.0.0" })
	require.Equal(t, "2.0.0", Version(labeled))
	require.Empty(t, Version(&corev1.Pod{}))
}

func TestAPodThatEndsOrStartsIsNotAsked(t *testing.T) {
	require.True(t, Ready(aPod("shop", "depot")))
	require.False(t, Ready(aPod("shop", "depot", func(p *corev1.Pod) { p.Status.Conditions[0].Status = corev1.ConditionFalse })))
	require.False(t, Ready(aPod("shop", "depot", func(p *corev1.Pod) { p.DeletionTimestamp = &metav1.Time{Time: time.Now()} })))
	require.False(t, Ready(&corev1.Pod{}))
}

func TestPortsHaveNames(t *testing.T) {
	pod := aPod("shop", "depot")
	require.Equal(t, 9090, Port(pod, "admin"))
	require.Equal(t, 9000, Port(pod, "grpc"))
	require.Zero(t, Port(pod, "http"))
}

func TestTheLogOfAContainerThatDiedIsReadToo(t *testing.T) {
	c := &Cluster{Namespace: "shop", Client: fake.NewClientset(
		aPod("shop", "depot", func(p *corev1.Pod) { p.Status.ContainerStatuses[0].RestartCount = 2 }),
		aPod("shop", "cosec"),
		aPod("shop", "search", func(p *corev1.Pod) {
			p.Status.ContainerStatuses[0].State.Waiting = &corev1.ContainerStateWaiting{Reason: "ContainerCreating"}
		}),
	)}
	sources, err := c.Sources(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, []orderlog.Source{
		{Service: "depot", Pod: "depot-1", Container: "depot", Previous: true},
		{Service: "depot", Pod: "depot-1", Container: "depot"},
		{Service: "cosec", Pod: "cosec-1", Container: "cosec"},
	}, sources)
}
