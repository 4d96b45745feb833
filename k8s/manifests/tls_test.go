package manifests

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// certificate is cert-manager's.
type certificate struct {
	DNSNames   []string
	Usages     []string
	SecretName string
	IssuerRef  struct{ Name, Kind string }
}

// certificates are those of a view, by the Secrets that they are in.
func (v view) certificates(t *testing.T) map[string]certificate {
	t.Helper()
	all := map[string]certificate{}
	for _, o := range v.ofKind("Certificate") {
		c := read[struct{ Spec certificate }](t, o).Spec
		require.NotContains(t, all, c.SecretName, "%s: the Secret is another's", o)
		require.True(t, v.has(c.IssuerRef.Kind, c.IssuerRef.Name), "%s: %s %s", o, c.IssuerRef.Kind, c.IssuerRef.Name)
		all[c.SecretName] = c
	}
	return all
}

// Peers call each other by the name of the Service, and programs of other namespaces by that with the namespace.
func TestEveryServiceHasACertificateForItsNames(t *testing.T) {
	certificates := viewOf(t, "components/tls").certificates(t)
	for _, service := range services(t) {
		c, ok := certificates[service+"-tls"]
		require.True(t, ok, "%s has no certificate", service)
		require.Subset(t, c.DNSNames, []string{service, service + ".mallbots"}, service)
		require.Subset(t, c.Usages, []string{"server auth", "client auth"}, service)
		require.Equal(t, "mallbots", c.IssuerRef.Name, "%s: who has a certificate of this issuer belongs to the mall", service)
	}
}

func TestWithTLSEveryServiceHasItsOwnCertificateAndIsProbedWithout(t *testing.T) {
	checked := 0
	for _, v := range encrypted(t) {
		for _, p := range v.pods(t) {
			c := p.spec.Containers[0]
			if len(c.Ports) == 0 || p.name() == "postgres" || p.name() == "redis" {
				continue
			}
			checked++
			mounted, dir := "", ""
			for _, m := range c.VolumeMounts {
				if m.Name == "tls" {
					mounted = m.MountPath
				}
			}
			for _, e := range c.Env {
				if e.Name == "MALLBOTS_TLS_DIR" {
					dir = e.Value
				}
			}
			require.NotEmpty(t, dir, p.owner)
			require.Equal(t, dir, mounted, p.owner)
			require.Contains(t, volumes(p.spec.Volumes), volumeReference{"Secret", reference{Name: p.name() + "-tls"}}, p.owner)
			for name, probe := range map[string]map[string]any{"startup": c.StartupProbe, "readiness": c.ReadinessProbe} {
				require.NotContains(t, probe, "grpc", "%s: %s: Kubernetes' gRPC probes speak no TLS", p.owner, name)
				require.Equal(t, map[string]any{"path": "/readyz", "port": "admin"}, probe["httpGet"], "%s: %s", p.owner, name)
			}
		}
		for _, o := range v.ofKind("Service") {
			for _, port := range read[struct {
				Spec struct {
					Ports []struct{ Name, AppProtocol string }
				}
			}](t, o).Spec.Ports {
				if port.Name != "admin" {
					require.NotContains(t, []string{"http", "kubernetes.io/h2c"}, port.AppProtocol, "%s: %s", o, port.Name)
				}
			}
		}
	}
	require.Equal(t, 2*len(services(t))-1, checked) // bots are in one of the two
}

// encrypted are a mall without robots and one with them.
func encrypted(t *testing.T) []view {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, uponBase(folder, "bots", "tls"))
	withRobots, err := renderFolder("tls and bots", folder)
	require.NoError(t, err)
	return []view{viewOf(t, "components/tls"), withRobots}
}
