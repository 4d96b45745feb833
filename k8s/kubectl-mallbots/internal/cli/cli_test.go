package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"

	"mallbots.example/k8s/kubectl-mallbots/internal/cluster"
)

const orderID = "0198c1b2-7d3e-7c4a-9a41-5d2f6f0e8b11"

// patience bounds everything that a test waits for.
const patience = 20 * time.Second

// execute runs a command on a cluster.
func execute(t *testing.T, c *cluster.Cluster, args ...string) (out, notes string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	root := newRoot(func(*pflag.FlagSet) {}, func() (*cluster.Cluster, error) { return c, nil })
	var stdout, stderr bytes.Buffer
	root.SetArgs(args)
	root.SetOut(&stdout)
	root.SetErr(&stderr)
	err = root.ExecuteContext(ctx)
	return stdout.String(), stderr.String(), err
}

// mall is a cluster of the test: pods and workloads in a fake API server, and what their ports lead to.
type mall struct {
	objects []runtime.Object
	ports   map[string]string // of pod:port, an address of this machine
}

func newMall() *mall { return &mall{ports: map[string]string{}} }

// add adds a service of one pod.
func (m *mall) add(service, pod string) {
	labels := map[string]string{"app.kubernetes.io/part-of": "mallbots", cluster.LabelName: service}
	meta := metav1.ObjectMeta{Namespace: "shop", Name: service, Labels: labels}
	m.objects = append(m.objects, &appsv1.Deployment{ObjectMeta: meta, Status: appsv1.DeploymentStatus{ReadyReplicas: 1}}, m.pod(service, pod))
}

func (m *mall) pod(service, name string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: name, Labels: map[string]string{"app.kubernetes.io/part-of": "mallbots", cluster.LabelName: service},
		},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Name: service, Image: "mallbots/" + service + ":1.0",
			Ports: []corev1.ContainerPort{{Name: "grpc", ContainerPort: 9000}, {Name: "admin", ContainerPort: 9090}},
		}}},
		Status: corev1.PodStatus{
			Conditions:        []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}},
			ContainerStatuses: []corev1.ContainerStatus{{Name: service}},
		},
	}
}

func (m *mall) cluster() *cluster.Cluster {
	return &cluster.Cluster{
		Client: fake.NewClientset(m.objects...), Namespace: "shop",
		Forward: func(ctx context.Context, pod string, port int) (net.Conn, error) {
			addr, ok := m.ports[fmt.Sprintf("%s:%d", pod, port)]
			if !ok {
				return nil, errors.New("no such pod")
			}
			return (&net.Dialer{}).DialContext(ctx, "tcp", addr)
		},
	}
}

// wellMetrics is what a service with nothing to do tells.
const wellMetrics = `# TYPE messages_waiting gauge
messages_waiting{service="x",topic="a"} 0
# TYPE outbox_unsent_messages gauge
outbox_unsent_messages{service="x"} 0
# TYPE messages_deferred gauge
messages_deferred{service="x"} 0
# TYPE messages_dead gauge
messages_dead{service="x"} 0
# TYPE sagas_open gauge
sagas_open{saga="create-order",service="x",state="running"} 2
`

// wholeMall has every service, each with metrics.
func wholeMall(t *testing.T) (m *mall, metrics map[string]string) {
	m, metrics = newMall(), map[string]string{}
	for _, service := range []string{"stores", "customers", "baskets", "ordering", "depot", "payments", "notifications", "search", "cosec", "gateway"} {
		m.add(service, service+"-1")
		metrics[service] = wellMetrics
		admin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/metrics" || metrics[service] == "" {
				http.NotFound(w, r)
				return
			}
			_, _ = io.WriteString(w, metrics[service])
		}))
		t.Cleanup(admin.Close)
		m.ports[service+"-1:9090"] = strings.TrimPrefix(admin.URL, "http://")
	}
	return m, metrics
}

func TestStatusSaysWhetherAllIsWell(t *testing.T) {
	m, metrics := wholeMall(t)
	out, _, err := execute(t, m.cluster(), "status")
	require.NoError(t, err, out)
	require.Contains(t, out, "ordering        1/1     1.0       0         0        0          0      2\n")
	require.True(t, strings.HasSuffix(out, "All is well.\n"), out)

	metrics["depot"] = strings.ReplaceAll(wellMetrics, `messages_dead{service="x"} 0`, `messages_dead{service="x"} 3`)
	metrics["search"] = ""
	out, _, err = execute(t, m.cluster(), "status")
	require.ErrorIs(t, err, ErrNotWell)
	require.Contains(t, out, "! depot: dead letters: 3\n! search: the metrics of search-1 can't be read: GET /metrics answers 404 Not Found\n")
	require.True(t, strings.HasSuffix(out, "Not well, problems: 2.\n"), out)

	out, _, err = execute(t, m.cluster(), "status", "-o", "json")
	require.ErrorIs(t, err, ErrNotWell)
	require.Contains(t, out, `"well": false`)
	require.Contains(t, out, `"deadLetters": 3`)
}

func TestAPodThatDoesNotAnswerIsNamed(t *testing.T) {
	m, _ := wholeMall(t)
	delete(m.ports, "cosec-1:9090")
	out, _, err := execute(t, m.cluster(), "status")
	require.ErrorIs(t, err, ErrNotWell)
	require.Contains(t, out, "! cosec: the metrics of cosec-1 can't be read: ")
}

func TestEveryCommandSaysThatThereIsNoMall(t *testing.T) {
	m := newMall()
	m.objects = append(m.objects, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "shop"}})
	for _, args := range [][]string{{"status"}, {"demo"}, {"orders", "get", orderID}, {"orders", "watch", orderID}, {"logs", orderID}} {
		_, _, err := execute(t, m.cluster(), args...)
		require.EqualError(t, err, `no pods of the mall in namespace "shop": deploy it, or name another with -n`)
	}
}

func TestWithoutAGatewayTheErrorSaysWhereToLook(t *testing.T) {
	m := newMall()
	m.add("ordering", "ordering-1")
	for _, args := range [][]string{{"demo"}, {"orders", "get", orderID}, {"orders", "watch", orderID}} {
		_, _, err := execute(t, m.cluster(), args...)
		require.ErrorContains(t, err, `no gateway of the mall is ready in namespace "shop"`)
	}
}

func TestBadFlagsAndArgumentsAreNamed(t *testing.T) {
	for want, args := range map[string][]string{
		`-o must be table or json, not "xml"`: {"status", "-o", "xml"},
		`--patience must be positive`:         {"status", "--patience", "-1s"},
		`ORDER must be the id of an order`:    {"logs", "1234"},
		`--since must not be negative`:        {"logs", orderID, "--since", "-1s"},
		`--ca: open /none`:                    {"orders", "get", orderID, "--ca", "/none"},
		`--token-file: open /none`:            {"orders", "watch", orderID, "--token-file", "/none"},
		`accepts 1 arg(s), received 0`:        {"orders", "get"},
	} {
		m := newMall()
		m.add("gateway", "gateway-1")
		_, _, err := execute(t, m.cluster(), args...)
		require.ErrorContains(t, err, want)
	}
}

func TestAnOrderThatNoLogTellsOfIsAnError(t *testing.T) {
	m, _ := wholeMall(t)
	_, _, err := execute(t, m.cluster(), "logs", orderID) // the fake API server's logs are "fake logs"
	require.ErrorContains(t, err, "no log of 10 tells of order "+orderID)
}
