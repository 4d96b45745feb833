package manifests

import (
	"testing"
)

// pod is the template of a workload's pods.
type pod struct {
	owner    object
	metadata struct {
		Labels map[string]string `json:"labels"`
	}
	spec podSpec
}

type podSpec struct {
	ServiceAccountName           string           `json:"serviceAccountName"`
	AutomountServiceAccountToken *bool            `json:"automountServiceAccountToken"`
	HostNetwork                  bool             `json:"hostNetwork"`
	HostPID                      bool             `json:"hostPID"`
	HostIPC                      bool             `json:"hostIPC"`
	SecurityContext              securityContext  `json:"securityContext"`
	InitContainers               []container      `json:"initContainers"`
	Containers                   []container      `json:"containers"`
	Volumes                      []map[string]any `json:"volumes"`
}

type container struct {
	Name  string `json:"name"`
	Image string `json:"image"`
	Ports []struct {
		Name          string `json:"name"`
		ContainerPort int    `json:"containerPort"`
	} `json:"ports"`
	EnvFrom []struct {
		ConfigMapRef *reference `json:"configMapRef"`
		SecretRef    *reference `json:"secretRef"`
	} `json:"envFrom"`
	Env []struct {
		Name      string `json:"name"`
		Value     string `json:"value"`
		ValueFrom struct {
			ConfigMapKeyRef *reference `json:"configMapKeyRef"`
			SecretKeyRef    *reference `json:"secretKeyRef"`
		} `json:"valueFrom"`
	} `json:"env"`
	SecurityContext securityContext `json:"securityContext"`
	Resources       struct {
		Requests map[string]any `json:"requests"`
		Limits   map[string]any `json:"limits"`
	} `json:"resources"`
	VolumeMounts []struct {
		Name      string `json:"name"`
		MountPath string `json:"mountPath"`
	} `json:"volumeMounts"`
	StartupProbe   map[string]any `json:"startupProbe"`
	ReadinessProbe map[string]any `json:"readinessProbe"`
	LivenessProbe  map[string]any `json:"livenessProbe"`
}

type reference struct {
	Name     string `json:"name"`
	Optional bool   `json:"optional"`
}

// securityContext of a pod or of a container.
type securityContext struct {
	RunAsNonRoot             *bool  `json:"runAsNonRoot"`
	RunAsUser                *int64 `json:"runAsUser"`
	Privileged               bool   `json:"privileged"`
	AllowPrivilegeEscalation *bool  `json:"allowPrivilegeEscalation"`
	ReadOnlyRootFilesystem   bool   `json:"readOnlyRootFilesystem"`
	Capabilities             struct {
		Add  []string `json:"add"`
		Drop []string `json:"drop"`
	} `json:"capabilities"`
	SeccompProfile struct {
		Type string `json:"type"`
	} `json:"seccompProfile"`
}

// pods are those of all workloads of a view.
func (v view) pods(t *testing.T) (all []pod) {
	t.Helper()
	type template struct {
		Metadata struct {
			Labels map[string]string `json:"labels"`
		} `json:"metadata"`
		Spec podSpec `json:"spec"`
	}
	for _, o := range v.ofKind("Deployment", "StatefulSet", "DaemonSet", "Job") {
		parts := read[struct {
			Spec struct{ Template template }
		}](t, o)
		all = append(all, pod{owner: o, metadata: parts.Spec.Template.Metadata, spec: parts.Spec.Template.Spec})
	}
	for _, o := range v.ofKind("CronJob") {
		parts := read[struct {
			Spec struct {
				JobTemplate struct {
					Spec struct{ Template template }
				}
			}
		}](t, o)
		made := parts.Spec.JobTemplate.Spec.Template
		all = append(all, pod{owner: o, metadata: made.Metadata, spec: made.Spec})
	}
	return all
}

func (p pod) containers() []container {
	return append(p.spec.InitContainers[:len(p.spec.InitContainers):len(p.spec.InitContainers)], p.spec.Containers...)
}

// name is what selectors, policies and monitoring call it by.
func (p pod) name() string { return p.metadata.Labels["app.kubernetes.io/name"] }

// eachPod runs a test for each pod of each view.
func eachPod(t *testing.T, test func(t *testing.T, v view, p pod)) {
	t.Helper()
	each(t, func(t *testing.T, v view) {
		pods := v.pods(t)
		if len(pods) == 0 {
			t.Fatal("no pods")
		}
		for _, p := range pods {
			t.Run(p.owner.Metadata.Name, func(t *testing.T) { test(t, v, p) })
		}
	})
}
