package cluster

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/httpstream"
	"k8s.io/apimachinery/pkg/util/httpstream/spdy"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/tools/portforward"

	"mallbots.example/k8s/kubectl-mallbots/internal/orderlog"
)

// patience bounds everything that a test waits for.
const patience = 20 * time.Second

// connected is the cluster behind an API server of the test, reached by kubectl's flags.
func connected(t *testing.T, api http.Handler) *Cluster {
	t.Helper()
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	t.Setenv("KUBECONFIG", t.TempDir()+"/none") // what is on this machine is none of the test's business
	flags := genericclioptions.NewConfigFlags(true)
	namespace := "shop"
	flags.APIServer, flags.Namespace = &server.URL, &namespace
	c, err := Connect(flags)
	require.NoError(t, err)
	require.Equal(t, "shop", c.Namespace)
	return c
}

// portForwarding is an API server that forwards to port 9000 of ordering-1, over SPDY alone, to pod.
func portForwarding(t *testing.T, pod func(data, trouble httpstream.Stream)) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v1/namespaces/shop/pods/ordering-1/portforward", func(w http.ResponseWriter, r *http.Request) {
		if _, err := httpstream.Handshake(r, w, []string{portforward.PortForwardProtocolV1Name}); err != nil {
			t.Errorf("handshake: %v", err)
			return
		}
		opened := make(chan httpstream.Stream, 2)
		conn := spdy.NewResponseUpgrader().UpgradeResponse(w, r, func(s httpstream.Stream, _ <-chan struct{}) error {
			opened <- s
			return nil
		})
		if conn == nil {
			t.Error("the connection can't be upgraded")
			return
		}
		defer conn.Close()
		streams := map[string]httpstream.Stream{}
		for range 2 {
			select {
			case s := <-opened:
				streams[s.Headers().Get(corev1.StreamType)] = s
				if port := s.Headers().Get(corev1.PortHeader); port != "9000" {
					t.Errorf("the port is %q", port)
				}
			case <-time.After(patience):
				t.Error("the streams do not come")
				return
			}
		}
		pod(streams[corev1.StreamTypeData], streams[corev1.StreamTypeError])
	})
	return mux
}

func TestAConnectionToAPodGoesBothWays(t *testing.T) {
	served := make(chan struct{})
	c := connected(t, portForwarding(t, func(data, trouble httpstream.Stream) {
		defer close(served)
		_ = trouble.Close()
		_, _ = io.Copy(data, data) // an echo, until the other end is closed
	}))
	conn, err := c.Forward(t.Context(), "ordering-1", 9000)
	require.NoError(t, err)
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	for _, words := range []string{"hello", "and good bye"} {
		_, err = io.WriteString(conn, words)
		require.NoError(t, err)
		heard := make([]byte, len(words))
		_, err = io.ReadFull(conn, heard)
		require.NoError(t, err)
		require.Equal(t, words, string(heard))
	}
	require.NoError(t, conn.Close())
	select {
	case <-served:
	case <-time.After(patience):
		t.Fatal("the pod's end stays open")
	}
}

func TestWhyAPodDoesNotAnswerIsTold(t *testing.T) {
	c := connected(t, portForwarding(t, func(data, trouble httpstream.Stream) {
		_, _ = io.WriteString(trouble, "connection refused\n")
		_ = trouble.Close()
		_ = data.Close()
	}))
	conn, err := c.Forward(t.Context(), "ordering-1", 9000)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	_, err = conn.Read(make([]byte, 1))
	require.EqualError(t, err, "port 9000 of the pod: connection refused")
}

func TestAPodThatIsGoneIsNoConnection(t *testing.T) {
	c := connected(t, http.NotFoundHandler())
	_, err := c.Forward(t.Context(), "ordering-1", 9000)
	require.Error(t, err)
}

func TestAConnectionThatIsNotMadeInTimeIsGivenUp(t *testing.T) {
	hanging := make(chan struct{})
	c := connected(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hanging }))
	t.Cleanup(func() { close(hanging) })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := c.Forward(ctx, "ordering-1", 9000)
	require.ErrorIs(t, err, context.Canceled)
}

func TestALogIsReadWithTimestampsFromATimeOn(t *testing.T) {
	var asked string
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/namespaces/shop/pods/depot-1/log", func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.RawQuery
		_, _ = io.WriteString(w, "2026-11-25T22:15:00.5Z a line\n")
	})
	c := connected(t, mux)
	source := orderlog.Source{Service: "depot", Pod: "depot-1", Container: "main", Previous: true}
	log, err := c.Open(t.Context(), source, time.Date(2026, 11, 25, 22, 15, 0, 5e8, time.UTC), false)
	require.NoError(t, err)
	defer log.Close()
	text, err := io.ReadAll(log)
	require.NoError(t, err)
	require.Equal(t, "2026-11-25T22:15:00.5Z a line\n", string(text))
	require.Equal(t, "container=main&previous=true&sinceTime=2026-11-25T22%3A15%3A00Z&timestamps=true", asked)

	_, err = c.Open(t.Context(), orderlog.Source{Pod: "gone-1"}, time.Time{}, false)
	require.Error(t, err)
}

func TestAKubeconfigThatDoesNotFitIsNamed(t *testing.T) {
	flags := genericclioptions.NewConfigFlags(true)
	missing := t.TempDir() + "/none"
	flags.KubeConfig = &missing
	_, err := Connect(flags)
	require.ErrorContains(t, err, "name another file with --kubeconfig")
}
