package manifests

import (
	"go/ast"
	"testing"

	"github.com/stretchr/testify/require"
)

// streamsInCode are the streams that each service consumes: topics.X of rt.Consume(topics.X, …).
func streamsInCode(t *testing.T) map[string]map[string]bool {
	t.Helper()
	topics := map[string]string{}
	inspect(t, "services/internal/topics", func(n ast.Node) {
		if spec, ok := n.(*ast.ValueSpec); ok {
			for i, name := range spec.Names {
				topics[name.Name], _ = text(spec.Values[i])
			}
		}
	})
	streams := map[string]map[string]bool{}
	for _, service := range services(t) {
		inspect(t, "services/"+service, func(n ast.Node) {
			call, ok := n.(*ast.CallExpr)
			if !ok || method(call) != "Consume" {
				return
			}
			topic, ok := call.Args[0].(*ast.SelectorExpr)
			require.True(t, ok && topics[topic.Sel.Name] != "", "%s consumes a stream that the test can't read", service)
			if streams[service] == nil {
				streams[service] = map[string]bool{}
			}
			streams[service][topics[topic.Sel.Name]] = true
		})
	}
	require.NotEmpty(t, streams)
	return streams
}

func TestScaledObjectsLookAtTheStreamsThatTheirServiceConsumes(t *testing.T) {
	scaled := map[string]map[string]bool{}
	for _, o := range viewOf(t, "components/autoscaling-keda").ofKind("ScaledObject") {
		for _, trigger := range read[struct {
			Spec struct {
				Triggers []struct {
					Type              string
					Metadata          map[string]string
					AuthenticationRef struct{ Name string }
				}
			}
		}](t, o).Spec.Triggers {
			if trigger.Type != "redis-streams" {
				continue
			}
			name := o.Metadata.Name
			require.Equal(t, name, trigger.Metadata["consumerGroup"], "a service's group has its name")
			require.Equal(t, "redis", trigger.AuthenticationRef.Name)
			if scaled[name] == nil {
				scaled[name] = map[string]bool{}
			}
			scaled[name][trigger.Metadata["stream"]] = true
		}
	}
	require.Equal(t, streamsInCode(t), scaled)
}

func TestEveryDeploymentOfTheBaseIsScaled(t *testing.T) {
	for _, component := range []string{"autoscaling", "autoscaling-keda"} {
		v := viewOf(t, "components/"+component)
		for _, o := range viewOf(t, "base").ofKind("Deployment") {
			name := o.Metadata.Name
			require.True(t, v.has("HorizontalPodAutoscaler", name) || v.has("ScaledObject", name), "%s does not scale %s", component, name)
		}
	}
}
