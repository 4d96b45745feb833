package manifests

import (
	"go/ast"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// policy is a NetworkPolicy, as far as it is about pods.
type policy struct {
	Spec struct {
		PodSelector selector
		PolicyTypes []string
		Ingress     []rule
		Egress      []rule
	}
}

type rule struct {
	From, To []peer
	Ports    []struct{ Port int }
}

type peer struct {
	PodSelector       *selector
	NamespaceSelector *selector
}

func (r rule) allows(t *testing.T, peers []peer, labels map[string]string, port int) bool {
	t.Helper()
	return slices.ContainsFunc(r.Ports, func(p struct{ Port int }) bool { return p.Port == port }) &&
		(len(peers) == 0 || slices.ContainsFunc(peers, func(p peer) bool {
			return p.NamespaceSelector == nil && p.PodSelector != nil && p.PodSelector.matches(t, labels)
		}))
}

// connects tells if a pod may open a connection to another one: the policies of the one let it out, those of the other let it in.
func connects(t *testing.T, policies []policy, from, to map[string]string, port int) bool {
	t.Helper()
	out, in := false, false
	for _, p := range policies {
		out = out || p.Spec.PodSelector.matches(t, from) &&
			slices.ContainsFunc(p.Spec.Egress, func(r rule) bool { return r.allows(t, r.To, to, port) })
		in = in || p.Spec.PodSelector.matches(t, to) &&
			slices.ContainsFunc(p.Spec.Ingress, func(r rule) bool { return r.allows(t, r.From, from, port) })
	}
	return out && in
}

func policies(t *testing.T, v view) (all []policy) {
	t.Helper()
	for _, o := range v.ofKind("NetworkPolicy") {
		all = append(all, read[policy](t, o))
	}
	require.NotEmpty(t, all)
	return all
}

func named(name string) map[string]string {
	return map[string]string{"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "mallbots"}
}

// peersInCode are the services that each service calls by gRPC: rt.Peer of its source, and for gateway the contracts that it passes on.
func peersInCode(t *testing.T) map[string]map[string]bool {
	t.Helper()
	calls := map[string]map[string]bool{}
	for _, service := range services(t) {
		calls[service] = map[string]bool{}
		inspect(t, "services/"+service, func(n ast.Node) {
			call, ok := n.(*ast.CallExpr)
			if !ok || method(call) != "Peer" {
				return
			}
			name, ok := text(call.Args[0])
			require.True(t, ok, "%s calls Peer with a name that the test can't read", service)
			calls[service][name] = true
		})
	}
	inspect(t, "services/gateway/internal/routes", func(n ast.Node) {
		if imported, ok := n.(*ast.ImportSpec); ok {
			path, _ := text(imported.Path)
			if contract, ok := strings.CutPrefix(path, "mallbots.example/api/mallbots/"); ok {
				calls["gateway"][strings.TrimSuffix(contract, "/v1")] = true
			}
		}
	})
	require.Contains(t, calls["gateway"], "stores")
	return calls
}

func TestServicesMayCallWhomTheyCallAndNobodyElse(t *testing.T) {
	all := policies(t, viewOf(t, "components/network-policies"))
	for caller, calls := range peersInCode(t) {
		for _, callee := range services(t) {
			if caller == callee || callee == "gateway" { // which is open to everybody, but for what a pod may call
				continue
			}
			require.Equal(t, calls[callee], connects(t, all, named(caller), named(callee), 9000), "%s calls %s", caller, callee)
		}
	}
}

func TestWhoHasCredentialsReachesPostgresAndRedis(t *testing.T) {
	v := viewOf(t, "components/network-policies")
	all := policies(t, v)
	with := 0
	for _, p := range v.pods(t) {
		has := slices.ContainsFunc(volumes(p.spec.Volumes), func(r volumeReference) bool { return r.Name == p.name()+"-credentials" })
		if has {
			with++
		}
		require.Equal(t, has, connects(t, all, named(p.name()), named("postgres"), 5432), "%s and Postgres", p.name())
		require.Equal(t, has, connects(t, all, named(p.name()), named("redis"), 6379), "%s and Redis", p.name())
	}
	require.Positive(t, with)
	require.True(t, connects(t, all, named("provision"), named("postgres"), 5432))
	require.True(t, connects(t, all, named("provision"), named("redis"), 6379))
}

func TestClientsReachGatewayAndNothingBehindIt(t *testing.T) {
	all := policies(t, viewOf(t, "components/network-policies"))
	for _, client := range []string{"features", "load"} {
		require.True(t, connects(t, all, named(client), named("gateway"), 9000))
		require.True(t, connects(t, all, named(client), named("gateway"), 8080))
		for _, service := range services(t) {
			if service != "gateway" {
				require.False(t, connects(t, all, named(client), named(service), 9000), "%s and %s", client, service)
			}
		}
	}
}

func TestNobodyElseIsLetInOrOut(t *testing.T) {
	all := policies(t, viewOf(t, "components/network-policies"))
	stranger := map[string]string{"app.kubernetes.io/name": "stranger"}
	require.True(t, slices.ContainsFunc(all, func(p policy) bool {
		return p.Spec.PodSelector.matches(t, stranger) && slices.Contains(p.Spec.PolicyTypes, "Ingress") && slices.Contains(p.Spec.PolicyTypes, "Egress")
	}), "no default: without a policy everything is allowed")
	for _, name := range append(services(t), "postgres", "redis") {
		for _, port := range []int{5432, 6379, 8080, 9000, 9090} {
			require.False(t, connects(t, all, stranger, named(name), port), "%s:%d", name, port)
		}
	}
}

// A name that no pod has is a typo, and a door that stays shut.
func TestPoliciesNamePodsThatThereAre(t *testing.T) {
	known := append(services(t), "postgres", "redis", "provision", "features", "load")
	each(t, func(t *testing.T, v view) {
		for _, o := range v.ofKind("NetworkPolicy") {
			for _, s := range read[policy](t, o).selectors() {
				names := []string{}
				if name, ok := s.MatchLabels["app.kubernetes.io/name"]; ok {
					names = append(names, name)
				}
				for _, e := range s.MatchExpressions {
					names = append(names, e.Values...)
				}
				require.Subset(t, known, names, o)
			}
		}
	})
}

func (p policy) selectors() []selector {
	all := []selector{p.Spec.PodSelector}
	for _, r := range slices.Concat(p.Spec.Ingress, p.Spec.Egress) {
		for _, other := range slices.Concat(r.From, r.To) {
			if other.NamespaceSelector == nil && other.PodSelector != nil {
				all = append(all, *other.PodSelector)
			}
		}
	}
	return all
}
