package manifests

import (
	"encoding/json"
	"go/ast"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/VictoriaMetrics/metricsql"
	"github.com/stretchr/testify/require"
)

// foreign are the metrics of others that alerts and dashboard use: of Prometheus, of kube-state-metrics, of Go's own collectors.
var foreign = []string{
	"up",
	"kube_deployment_spec_replicas", "kube_deployment_status_replicas_available", "kube_deployment_status_replicas_ready",
	"process_cpu_seconds_total", "process_resident_memory_bytes", "go_goroutines",
}

// metricsInCode are the names that the code registers, with the series that a histogram has.
func metricsInCode(t *testing.T) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, folder := range []string{"pkg", "services"} {
		inspect(t, folder, func(n ast.Node) {
			switch n := n.(type) {
			case *ast.CompositeLit: // prometheus.CounterOpts{Name: "…"}
				kind, ok := n.Type.(*ast.SelectorExpr)
				if !ok || !strings.HasSuffix(kind.Sel.Name, "Opts") {
					return
				}
				for _, element := range n.Elts {
					pair, ok := element.(*ast.KeyValueExpr)
					if !ok {
						continue
					}
					key, _ := pair.Key.(*ast.Ident)
					name, ok := text(pair.Value)
					if !ok || key == nil || key.Name != "Name" {
						continue
					}
					if kind.Sel.Name == "HistogramOpts" {
						for _, series := range []string{"_bucket", "_sum", "_count"} {
							found[name+series] = true
						}
						continue
					}
					found[name] = true
				}
			case *ast.CallExpr: // prometheus.NewDesc("…", …)
				if method(n) == "NewDesc" {
					if name, ok := text(n.Args[0]); ok {
						found[name] = true
					}
				}
			}
		})
	}
	require.Contains(t, found, "rpc_server_duration_seconds_bucket")
	return found
}

// metricsOf are the names that an expression asks for; one that can't be parsed fails.
func metricsOf(t *testing.T, expression string) (names []string) {
	t.Helper()
	parsed, err := metricsql.Parse(strings.NewReplacer("$__rate_interval", "5m").Replace(expression))
	require.NoError(t, err, expression)
	metricsql.VisitAll(parsed, func(e metricsql.Expr) {
		series, ok := e.(*metricsql.MetricExpr)
		if !ok {
			return
		}
		for _, filters := range series.LabelFilterss {
			for _, filter := range filters {
				if filter.Label == "__name__" {
					names = append(names, filter.Value)
				}
			}
		}
	})
	require.NotEmpty(t, names, expression)
	return names
}

func TestAlertsAskForMetricsThatThereAre(t *testing.T) {
	known := metricsInCode(t)
	for _, name := range foreign {
		known[name] = true
	}
	v := viewOf(t, "components/monitoring")
	alerts := map[string]bool{}
	for _, o := range v.ofKind("PrometheusRule") {
		for _, group := range read[struct {
			Spec struct {
				Groups []struct {
					Rules []struct {
						Alert, Expr string
						Labels      map[string]string
						Annotations map[string]string
					}
				}
			}
		}](t, o).Spec.Groups {
			for _, rule := range group.Rules {
				require.False(t, alerts[rule.Alert], "%s twice", rule.Alert)
				alerts[rule.Alert] = true
				for _, name := range metricsOf(t, rule.Expr) {
					require.True(t, known[name], "%s: nobody has the metric %s", rule.Alert, name)
				}
				require.Contains(t, []string{"critical", "warning"}, rule.Labels["severity"], rule.Alert)
				require.NotEmpty(t, rule.Annotations["summary"], rule.Alert)
				require.NotEmpty(t, rule.Annotations["description"], "%s: what to do about it", rule.Alert)
			}
		}
	}
	require.NotEmpty(t, alerts)
}

func TestTheDashboardAsksForMetricsThatThereAre(t *testing.T) {
	known := metricsInCode(t)
	for _, name := range foreign {
		known[name] = true
	}
	content, err := os.ReadFile(filepath.Join(root, "k8s", "components", "monitoring", "mallbots.json"))
	require.NoError(t, err)
	var dashboard struct {
		Panels []struct {
			ID          int
			Type, Title string
			Targets     []struct{ Expr string }
		}
	}
	require.NoError(t, json.Unmarshal(content, &dashboard))
	ids := map[int]bool{}
	asked := map[string]bool{}
	for _, panel := range dashboard.Panels {
		require.False(t, ids[panel.ID], "%s: two panels have its id", panel.Title)
		ids[panel.ID] = true
		require.Equal(t, panel.Type == "row", len(panel.Targets) == 0, panel.Title)
		for _, target := range panel.Targets {
			for _, name := range metricsOf(t, target.Expr) {
				require.True(t, known[name], "%s: nobody has the metric %s", panel.Title, name)
				asked[name] = true
			}
		}
	}
	require.NotEmpty(t, asked)
}

func TestAnExpressionGivesTheMetricsItAsksFor(t *testing.T) {
	require.Equal(t, []string{"a_bucket", "b_total"},
		metricsOf(t, `histogram_quantile(0.99, sum by (le) (rate(a_bucket{job="x", c=~"d|e"}[$__rate_interval]))) > on (f) b_total offset 15m`))
}
