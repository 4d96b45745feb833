package health_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/k8s/kubectl-mallbots/internal/health"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o750))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

func some(n int64) *int64 { return &n }

func TestFiguresAreReadOutOfAPodsMetrics(t *testing.T) {
	for name, test := range map[string]struct {
		metrics string
		want    health.Figures
	}{
		"by topic they are added up, of ages the oldest counts": {
			metrics: `
# HELP messages_waiting Messages.
# TYPE messages_waiting gauge
messages_waiting{service="depot",topic="a"} 3
messages_waiting{service="depot",topic="b"} 4
# TYPE messages_waiting_oldest_age_seconds gauge
messages_waiting_oldest_age_seconds{service="depot",topic="a"} 1.5
messages_waiting_oldest_age_seconds{service="depot",topic="b"} 0.25
`,
			want: health.Figures{Waiting: some(7), WaitingAge: 1.5},
		},
		"open sagas of each kind and state": {
			metrics: `
# TYPE sagas_open gauge
sagas_open{saga="create-order",service="cosec",state="running"} 2
sagas_open{saga="create-order",service="cosec",state="compensating"} 1
sagas_open{saga="cancel-order",service="cosec",state="running"} 0
# TYPE sagas_overdue gauge
sagas_overdue{saga="create-order",service="cosec"} 1
`,
			want: health.Figures{Sagas: some(3), Overdue: some(1)},
		},
		"outbox, deferred messages and dead letters": {
			metrics: `
# TYPE outbox_unsent_messages gauge
outbox_unsent_messages{service="x"} 1.2e+03
# TYPE outbox_unsent_oldest_age_seconds gauge
outbox_unsent_oldest_age_seconds{service="x"} 61
# TYPE messages_deferred gauge
messages_deferred{service="x"} 2
# TYPE messages_deferred_oldest_age_seconds gauge
messages_deferred_oldest_age_seconds{service="x"} 5
# TYPE messages_dead gauge
messages_dead{service="x"} 0
`,
			want: health.Figures{Unsent: some(1200), Deferred: some(2), Dead: some(0), UnsentAge: 61, DeferredAge: 5},
		},
		"a service without a database has none": {
			metrics: "# TYPE go_goroutines gauge\ngo_goroutines 12\nmade_up 1\n",
		},
		"a sample without a type counts": {metrics: "messages_dead 4\n", want: health.Figures{Dead: some(4)}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := health.Parse(strings.NewReader(test.metrics))
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
}

func TestWhatIsNoMetricsPageIsAnError(t *testing.T) {
	_, err := health.Parse(strings.NewReader("<html>not found</html>\n"))
	require.ErrorContains(t, err, "Prometheus")
}

func TestOfReplicasTheGreaterFigureCounts(t *testing.T) {
	a := health.Figures{Waiting: some(1), Dead: some(2), UnsentAge: 3, DeferredAge: 1}
	b := health.Figures{Waiting: some(5), Unsent: some(0), Dead: some(1), WaitingAge: 4}
	want := health.Figures{Waiting: some(5), Unsent: some(0), Dead: some(2), WaitingAge: 4, UnsentAge: 3, DeferredAge: 1}
	require.Equal(t, want, a.Join(b))
	require.Equal(t, want, b.Join(a))
}

// told are the figures of a service that is idle.
func told() health.Figures {
	return health.Figures{Waiting: some(0), Unsent: some(0), Deferred: some(0), Dead: some(0)}
}

// mall is one that is well: every service with one replica, ordering with two of different releases, and a database.
func mall() (replicas []health.Replicas, pods []health.Pod) {
	for _, name := range []string{"gateway", "cosec", "search", "notifications", "payments", "depot", "baskets", "customers", "stores", "postgres"} {
		replicas = append(replicas, health.Replicas{Service: name, Wanted: 1, Ready: 1})
		pod := health.Pod{Name: name + "-1", Service: name, Version: "1.0", Asked: true, Figures: told()}
		switch name {
		case "gateway":
			pod.Figures = health.Figures{}
		case "cosec":
			pod.Figures.Sagas, pod.Figures.Overdue = some(12), some(0)
		case "postgres":
			pod.Asked, pod.Figures, pod.Version = false, health.Figures{}, "15"
		}
		pods = append(pods, pod)
	}
	replicas = append(replicas, health.Replicas{Service: "ordering", Wanted: 2, Ready: 2})
	busy := told()
	busy.Waiting, busy.WaitingAge = some(7), 2
	return replicas, append(pods,
		health.Pod{Name: "ordering-1", Service: "ordering", Version: "1.1", Asked: true, Figures: busy},
		health.Pod{Name: "ordering-2", Service: "ordering", Version: "1.0", Asked: true, Figures: told()})
}

func rendered(t *testing.T, report health.Report) (table, json string) {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, report.Table(&out))
	table = out.String()
	out.Reset()
	require.NoError(t, report.JSON(&out))
	return table, out.String()
}

func TestAMallThatIsWell(t *testing.T) {
	replicas, pods := mall()
	report := health.Judge("mallbots", replicas, pods, 30*time.Second)
	require.True(t, report.Well, report.Problems)
	table, json := rendered(t, report)
	golden(t, "well.txt", table)
	golden(t, "well.json", json)
}

func TestAMallThatIsNotWell(t *testing.T) {
	replicas, pods := mall()
	pods[0].Err, pods[0].Asked = errors.New("GET /metrics answers 500"), true
	pods[1].Figures.Overdue = some(2)
	pods[3].Figures.Unsent, pods[3].Figures.UnsentAge = some(40), 61.7
	pods[5].Figures.Dead = some(3)
	replicas[2].Ready, pods[2] = 0, health.Pod{Name: "search-1", Service: "search", Version: "1.0"}
	report := health.Judge("mallbots", replicas, pods, 30*time.Second)
	require.False(t, report.Well)
	table, json := rendered(t, report)
	golden(t, "unwell.txt", table)
	golden(t, "unwell.json", json)
}

func TestEachProblemIsNamed(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(replicas []health.Replicas, pods []health.Pod)
		want  string
	}{
		"a replica that is not ready": {
			func(r []health.Replicas, _ []health.Pod) { r[5].Wanted = 3 }, "depot: 1 of 3 replicas ready",
		},
		"none wanted": {
			func(r []health.Replicas, _ []health.Pod) { r[5].Wanted, r[5].Ready = 0, 0 }, "depot: scaled to no replicas",
		},
		"not deployed": {
			func(r []health.Replicas, p []health.Pod) { r[5].Service, p[5].Service = "other", "other" }, "depot: not deployed",
		},
		"messages that wait for long": {
			func(_ []health.Replicas, p []health.Pod) { p[5].Figures.WaitingAge = 31 }, "depot: messages wait for 31s in its streams",
		},
		"an outbox that is not sent": {
			func(_ []health.Replicas, p []health.Pod) { p[5].Figures.UnsentAge = 3600 }, "depot: messages wait for 1h0m0s in its outbox",
		},
		"messages that fail again and again": {
			func(_ []health.Replicas, p []health.Pod) { p[5].Figures.DeferredAge = 90 }, "depot: messages have failed for 1m30s and are tried again",
		},
		"dead letters": {
			func(_ []health.Replicas, p []health.Pod) { p[5].Figures.Dead = some(1) }, "depot: dead letters: 1",
		},
		"sagas overdue": {
			func(_ []health.Replicas, p []health.Pod) { p[1].Figures.Overdue = some(1) }, "cosec: sagas overdue: 1",
		},
		"a figure that can't be told": {
			func(_ []health.Replicas, p []health.Pod) { p[5].Figures.Unsent = nil }, "depot: some of its figures are missing",
		},
		"sagas that can't be counted": {
			func(_ []health.Replicas, p []health.Pod) { p[1].Figures.Sagas = nil }, "cosec: some of its figures are missing",
		},
		"a pod that does not answer": {
			func(_ []health.Replicas, p []health.Pod) { p[5].Err = errors.New("no route") },
			"depot: the metrics of depot-1 can't be read: no route",
		},
	} {
		t.Run(name, func(t *testing.T) {
			replicas, pods := mall()
			test.spoil(replicas, pods)
			report := health.Judge("mallbots", replicas, pods, 30*time.Second)
			require.Equal(t, []string{test.want}, report.Problems)
			require.False(t, report.Well)
		})
	}
}

func TestMessagesMayWaitForAsLongAsPatience(t *testing.T) {
	replicas, pods := mall()
	pods[5].Figures.WaitingAge, pods[5].Figures.UnsentAge, pods[5].Figures.DeferredAge = 30, 30, 30
	require.True(t, health.Judge("mallbots", replicas, pods, 30*time.Second).Well)
}
