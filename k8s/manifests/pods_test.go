package manifests

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// As in the Pod Security Standard "restricted", which the namespace enforces at admission; and a root file system that can't be written.
func TestPodsAreRestricted(t *testing.T) {
	eachPod(t, func(t *testing.T, _ view, p pod) {
		s := p.spec
		require.False(t, s.HostNetwork || s.HostPID || s.HostIPC, "shares a namespace with its node")
		for _, volume := range s.Volumes {
			require.NotContains(t, volume, "hostPath")
		}
		for _, c := range p.containers() {
			own := c.SecurityContext
			nonRoot, user, seccomp := own.RunAsNonRoot, own.RunAsUser, own.SeccompProfile.Type
			if nonRoot == nil {
				nonRoot = s.SecurityContext.RunAsNonRoot
			}
			if user == nil {
				user = s.SecurityContext.RunAsUser
			}
			if seccomp == "" {
				seccomp = s.SecurityContext.SeccompProfile.Type
			}
			require.True(t, nonRoot != nil && *nonRoot, "%s: runAsNonRoot", c.Name)
			require.True(t, user != nil && *user != 0, "%s: runAsUser, since the image may say root", c.Name)
			require.Equal(t, "RuntimeDefault", seccomp, "%s: seccompProfile", c.Name)
			require.False(t, own.Privileged, "%s: privileged", c.Name)
			require.True(t, own.AllowPrivilegeEscalation != nil && !*own.AllowPrivilegeEscalation, "%s: allowPrivilegeEscalation", c.Name)
			require.True(t, own.ReadOnlyRootFilesystem, "%s: readOnlyRootFilesystem", c.Name)
			require.Equal(t, []string{"ALL"}, own.Capabilities.Drop, "%s: capabilities", c.Name)
			require.Empty(t, own.Capabilities.Add, "%s: capabilities", c.Name)
		}
	})
}

// Who has nothing to ask of the API server has nothing to ask it with.
func TestOnlyProvisionHasAToken(t *testing.T) {
	eachPod(t, func(t *testing.T, _ view, p pod) {
		if p.name() == "provision" {
			return
		}
		mount := p.spec.AutomountServiceAccountToken
		require.True(t, mount != nil && !*mount, "automountServiceAccountToken must be false")
	})
}

// No limit of CPU: it would throttle a pod on an idle node.
func TestPodsSayWhatTheyNeed(t *testing.T) {
	eachPod(t, func(t *testing.T, _ view, p pod) {
		for _, c := range p.containers() {
			for _, resource := range []string{"cpu", "memory"} {
				require.Contains(t, c.Resources.Requests, resource, "%s: requests", c.Name)
			}
			require.Contains(t, c.Resources.Limits, "memory", "%s: limits", c.Name)
		}
	})
}

func TestPodsThatServeAreProbed(t *testing.T) {
	eachPod(t, func(t *testing.T, _ view, p pod) {
		for _, c := range p.spec.Containers {
			if len(c.Ports) == 0 {
				continue // nobody calls it
			}
			require.NotEmpty(t, c.ReadinessProbe, "%s: readinessProbe", c.Name)
			require.NotEmpty(t, c.LivenessProbe, "%s: livenessProbe", c.Name)
		}
	})
}

func TestWorkloadsAndPodsAreLabelled(t *testing.T) {
	eachPod(t, func(t *testing.T, _ view, p pod) {
		for _, labels := range []map[string]string{p.owner.Metadata.Labels, p.metadata.Labels} {
			require.Equal(t, "mallbots", labels["app.kubernetes.io/part-of"])
			for _, label := range []string{"app.kubernetes.io/name", "app.kubernetes.io/component"} {
				require.NotEmpty(t, labels[label], label)
			}
		}
		require.Equal(t, p.owner.Metadata.Labels["app.kubernetes.io/name"], p.name(), "a workload and its pods are called differently")
	})
}

func TestEverythingIsPartOfTheMallAndInItsNamespace(t *testing.T) {
	const namespace = "mallbots"
	clusterWide := map[string]bool{"Namespace": true, "ClusterRole": true, "ClusterRoleBinding": true, "StorageClass": true, "PriorityClass": true}
	each(t, func(t *testing.T, v view) {
		for _, o := range v.ofKind("Namespace") {
			require.Equal(t, namespace, o.Metadata.Name)
		}
		for _, o := range v.objects {
			for label, value := range o.Metadata.Labels {
				require.NotEmpty(t, value, "%s: %s", o, label)
			}
			require.Equal(t, "mallbots", o.Metadata.Labels["app.kubernetes.io/part-of"], "%s: app.kubernetes.io/part-of", o)
			if !clusterWide[o.Kind] {
				require.Equal(t, namespace, o.Metadata.Namespace, "%s: the overlay must say its namespace", o)
			}
		}
	})
}

// Secrets are made in the cluster, by provision or by the operator. A manifest is read by everybody.
func TestNoManifestHoldsASecret(t *testing.T) {
	each(t, func(t *testing.T, v view) {
		for _, o := range v.ofKind("Secret") {
			parts := read[struct{ Data, StringData map[string]string }](t, o)
			require.Empty(t, parts.Data, o)
			require.Empty(t, parts.StringData, o)
		}
		for _, o := range v.ofKind("ConfigMap") {
			for key, value := range read[struct{ Data map[string]string }](t, o).Data {
				require.False(t, hasPassword(value), "%s: %s has a URL with a password", o, key)
			}
		}
		for _, p := range v.pods(t) {
			for _, c := range p.containers() {
				for _, e := range c.Env {
					require.False(t, hasPassword(e.Value), "%s: %s has a URL with a password", p.owner, e.Name)
				}
			}
		}
	})
}

// hasPassword looks for scheme://user:password@host. A password that is the value of a variable, $(NAME), is none.
func hasPassword(text string) bool {
	for word := range strings.FieldsSeq(text) {
		_, rest, ok := strings.Cut(word, "://")
		if !ok {
			continue
		}
		authority, _, _ := strings.Cut(rest, "/")
		userinfo, _, ok := strings.Cut(authority, "@")
		_, password, both := strings.Cut(userinfo, ":")
		if ok && both && password != "" && !strings.HasPrefix(password, "$(") {
			return true
		}
	}
	return false
}

func TestAPasswordInAURLIsSeen(t *testing.T) {
	require.True(t, hasPassword("postgres://stores:hunter2@postgres:5432/stores"))
	require.True(t, hasPassword("url: redis://:hunter2@redis:6379"))
	for _, none := range []string{"postgres://stores@postgres:5432/stores", "http://otel.monitoring:4317", "a:b@c", "redis://x:$(PASSWORD)@redis"} {
		require.False(t, hasPassword(none), none)
	}
}

// Its calls are in services/provision/internal/secrets: GET, POST and PATCH of a Secret.
func TestProvisionMayDoWhatItDoesAndNothingElse(t *testing.T) {
	v := viewOf(t, "components/provision")
	roles := v.ofKind("Role", "ClusterRole")
	require.Len(t, roles, 1)
	type access struct{ APIGroups, Resources, Verbs, ResourceNames []string }
	rules := read[struct{ Rules []access }](t, roles[0]).Rules
	require.Equal(t, []access{{APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: []string{"get", "create", "patch"}}}, rules)
}
