package manifests

import (
	"go/ast"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// constant is the value of a whole number that the Go files below a folder call by that name.
func constant(t *testing.T, folder, name string) int {
	t.Helper()
	values := []int{}
	inspect(t, folder, func(n ast.Node) {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Names) != 1 || spec.Names[0].Name != name || len(spec.Values) != 1 {
			return
		}
		literal, ok := spec.Values[0].(*ast.BasicLit)
		require.True(t, ok, "%s: %s is no number that stands there", folder, name)
		value, err := strconv.Atoi(literal.Value)
		require.NoError(t, err)
		values = append(values, value)
	})
	require.Len(t, values, 1, "%s: %s", folder, name)
	return values[0]
}

// Who scales further gets replicas that Postgres refuses, when the load is greatest.
func TestAsManyReplicasAsTheirRoleMayHaveConnections(t *testing.T) {
	ofPod := constant(t, "pkg/store", "maxConns") + 1 // for a migration
	limit := constant(t, "services/provision/internal/postgres", "connectionLimit")
	checked := 0
	each(t, func(t *testing.T, v view) {
		for _, o := range v.ofKind("HorizontalPodAutoscaler", "ScaledObject") {
			spec := read[struct {
				Spec struct{ MaxReplicas, MaxReplicaCount int }
			}](t, o).Spec
			replicas := max(spec.MaxReplicas, spec.MaxReplicaCount)
			require.GreaterOrEqual(t, replicas, 2, o)
			require.LessOrEqual(t, (replicas+1)*ofPod, limit, "%s: %d replicas and the one more of a rollout", o, replicas)
			checked++
		}
	})
	require.Positive(t, checked)
}
