package manifests

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// services are the folders of services that are processes of their own in the cluster. mallbots is all of them in one, for a newcomer's machine.
func services(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "services", "*", "service.go"))
	require.NoError(t, err)
	for _, file := range files {
		names = append(names, filepath.Base(filepath.Dir(file)))
	}
	require.NotEmpty(t, names)
	return names
}

// provisioned are the Secrets that provision makes, those of the servers and one for each service, and the one of which the overlay prod says
// that the operator makes it.
func provisioned(t *testing.T) map[string]bool {
	t.Helper()
	made := map[string]bool{"postgres-admin": true, "redis-admin": true, "redis-acl": true, "mallbots-servers": true}
	for _, service := range services(t) {
		made[service+"-credentials"] = true
	}
	return made
}

func TestWhatPodsReferToExists(t *testing.T) {
	secrets := provisioned(t)
	eachPod(t, func(t *testing.T, v view, p pod) {
		certificates := v.certificates(t)
		need := func(kind string, r *reference) {
			t.Helper()
			if r == nil || r.Optional || (kind == "Secret" && secrets[r.Name]) {
				return
			}
			if _, ok := certificates[r.Name]; ok && kind == "Secret" {
				return
			}
			require.True(t, v.has(kind, r.Name), "%s %s is neither in the manifests nor made by provision or for a certificate", kind, r.Name)
		}
		for _, c := range p.containers() {
			for _, from := range c.EnvFrom {
				need("ConfigMap", from.ConfigMapRef)
				need("Secret", from.SecretRef)
			}
			for _, e := range c.Env {
				need("ConfigMap", e.ValueFrom.ConfigMapKeyRef)
				need("Secret", e.ValueFrom.SecretKeyRef)
			}
		}
		for _, r := range volumes(p.spec.Volumes) {
			need(r.kind, &r.reference)
		}
		if account := p.spec.ServiceAccountName; account != "" && account != "default" {
			require.True(t, v.has("ServiceAccount", account), "ServiceAccount %s", account)
		}
	})
}

type volumeReference struct {
	kind string
	reference
}

// volumes gives what volumes are made of, the parts of projected ones among them.
func volumes(all []map[string]any) (found []volumeReference) {
	for _, v := range all {
		for source, value := range v {
			content, ok := value.(map[string]any)
			if !ok {
				continue // its name
			}
			optional, _ := content["optional"].(bool)
			switch source {
			case "configMap":
				name, _ := content["name"].(string)
				found = append(found, volumeReference{"ConfigMap", reference{name, optional}})
			case "secret":
				name, ok := content["secretName"].(string)
				if !ok {
					name, _ = content["name"].(string) // as projected volumes call it
				}
				found = append(found, volumeReference{"Secret", reference{name, optional}})
			case "projected":
				sources, _ := content["sources"].([]any)
				for _, s := range sources {
					if part, ok := s.(map[string]any); ok {
						found = append(found, volumes([]map[string]any{part})...)
					}
				}
			}
		}
	}
	return found
}

func TestWhatTriggerAuthenticationsReferToExists(t *testing.T) {
	secrets := provisioned(t)
	v := viewOf(t, "components/autoscaling-keda")
	authentications := v.ofKind("TriggerAuthentication")
	require.NotEmpty(t, authentications)
	for _, o := range authentications {
		parts := read[struct {
			Spec struct{ SecretTargetRef, ConfigMapTargetRef []struct{ Name, Key string } }
		}](t, o)
		for _, r := range parts.Spec.SecretTargetRef {
			require.True(t, secrets[r.Name], "%s: Secret %s", o, r.Name)
		}
		for _, r := range parts.Spec.ConfigMapTargetRef {
			i := slices.IndexFunc(v.objects, func(o object) bool { return o.Kind == "ConfigMap" && o.Metadata.Name == r.Name })
			require.GreaterOrEqual(t, i, 0, "%s: ConfigMap %s", o, r.Name)
			require.Contains(t, read[struct{ Data map[string]string }](t, v.objects[i]).Data, r.Key, o)
		}
	}
}

// A Service without pods is an error that shows as a connection refused; a port that no container has, as one that times out.
func TestServicesHavePodsAndPorts(t *testing.T) {
	each(t, func(t *testing.T, v view) {
		for _, o := range v.ofKind("Service") {
			spec := read[struct {
				Spec struct {
					Selector map[string]string
					Ports    []struct {
						Port       int
						TargetPort any
					}
				}
			}](t, o).Spec
			if len(spec.Selector) == 0 {
				continue // of something outside of the cluster
			}
			behind := 0
			for _, p := range v.pods(t) {
				if !(selector{MatchLabels: spec.Selector}).matches(t, p.metadata.Labels) {
					continue
				}
				behind++
				for _, port := range spec.Ports {
					target := port.TargetPort
					if target == nil {
						target = float64(port.Port)
					}
					require.True(t, p.listens(target), "%s: no container of %s has the port %v", o, p.owner, target)
				}
			}
			require.Positive(t, behind, "%s selects no pod", o)
		}
	})
}

// listens tells if a container has a port of that name or number.
func (p pod) listens(target any) bool {
	for _, c := range p.spec.Containers {
		for _, port := range c.Ports {
			if port.Name == target || float64(port.ContainerPort) == target {
				return true
			}
		}
	}
	return false
}

func TestDisruptionBudgetsAreOfPods(t *testing.T) {
	each(t, func(t *testing.T, v view) {
		for _, o := range v.ofKind("PodDisruptionBudget") {
			budget := read[struct{ Spec struct{ Selector selector } }](t, o).Spec.Selector
			require.NotEmpty(t, budget.MatchLabels, o)
			require.True(t, slices.ContainsFunc(v.pods(t), func(p pod) bool { return budget.matches(t, p.metadata.Labels) }), "%s selects no pod", o)
		}
	})
}

func TestStatefulSetsHaveTheirService(t *testing.T) {
	each(t, func(t *testing.T, v view) {
		for _, o := range v.ofKind("StatefulSet") {
			name := read[struct{ Spec struct{ ServiceName string } }](t, o).Spec.ServiceName
			require.True(t, v.has("Service", name), "%s: Service %q, which its pods' names are made with", o, name)
		}
	})
}

func TestRoutesLeadToPortsOfServices(t *testing.T) {
	v := viewOf(t, "components/gateway-api")
	ports := map[string][]int{} // by service
	for _, o := range v.ofKind("Service") {
		for _, port := range read[struct {
			Spec struct{ Ports []struct{ Port int } }
		}](t, o).Spec.Ports {
			ports[o.Metadata.Name] = append(ports[o.Metadata.Name], port.Port)
		}
	}
	routes := v.ofKind("GRPCRoute", "HTTPRoute")
	require.Len(t, routes, 2)
	for _, o := range routes {
		for _, rule := range read[struct {
			Spec struct {
				Rules []struct {
					BackendRefs []struct {
						Name string
						Port int
					}
				}
			}
		}](t, o).Spec.Rules {
			for _, backend := range rule.BackendRefs {
				require.Contains(t, ports[backend.Name], backend.Port, "%s: %s", o, backend.Name)
			}
		}
	}
}

// Who scales decides on the replicas, alone: a number in the manifest would undo it at each apply.
func TestADeploymentHasOneAutoscalerOrANumberOfReplicas(t *testing.T) {
	each(t, func(t *testing.T, v view) {
		scaled := map[string]string{} // Deployment: who scales it
		for _, o := range v.ofKind("HorizontalPodAutoscaler", "ScaledObject") {
			name := read[struct {
				Spec struct{ ScaleTargetRef struct{ Name string } }
			}](t, o).Spec.ScaleTargetRef.Name
			require.True(t, v.has("Deployment", name), "%s: Deployment %s", o, name)
			require.Empty(t, scaled[name], "%s: %s is scaled by another", o, name)
			scaled[name] = o.String()
		}
		for _, o := range v.ofKind("Deployment") {
			replicas := read[struct{ Spec struct{ Replicas *int } }](t, o).Spec.Replicas
			require.Equal(t, scaled[o.Metadata.Name] == "", replicas != nil, "%s: replicas, and %q", o, scaled[o.Metadata.Name])
		}
	})
}

func TestEveryServiceIsInTheBase(t *testing.T) {
	v := viewOf(t, "base")
	for _, service := range services(t) {
		if service == "bots" {
			continue // clients of the mall, a component where they are wanted
		}
		require.True(t, v.has("Deployment", service), service)
		_, err := os.Stat(filepath.Join(root, "services", service, "cmd"))
		require.NoError(t, err, "%s has no program", service)
	}
}
