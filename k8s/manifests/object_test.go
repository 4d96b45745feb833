package manifests

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// object is a manifest: what all kinds have, and the rest as it is.
type object struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name      string            `json:"name"`
		Namespace string            `json:"namespace"`
		Labels    map[string]string `json:"labels"`
	} `json:"metadata"`

	content []byte
}

func newObject(content []byte) (object, error) {
	o := object{content: content}
	return o, json.Unmarshal(content, &o)
}

func (o object) String() string { return o.Kind + " " + o.Metadata.Name }

// read decodes the parts of an object that T names. That all of its fields are right is for kubeconform to say (.ci/manifests).
func read[T any](t *testing.T, o object) (parts T) {
	t.Helper()
	require.NoError(t, json.Unmarshal(o.content, &parts), o)
	return parts
}

// ofKind gives the view's objects of a kind.
func (v view) ofKind(kinds ...string) (found []object) {
	for _, o := range v.objects {
		if slices.Contains(kinds, o.Kind) {
			found = append(found, o)
		}
	}
	return found
}

func (v view) has(kind, name string) bool {
	return slices.ContainsFunc(v.objects, func(o object) bool { return o.Kind == kind && o.Metadata.Name == name })
}

// selector is Kubernetes' own, of labels.
type selector struct {
	MatchLabels      map[string]string `json:"matchLabels"`
	MatchExpressions []struct {
		Key      string   `json:"key"`
		Operator string   `json:"operator"`
		Values   []string `json:"values"`
	} `json:"matchExpressions"`
}

func (s selector) matches(t *testing.T, labels map[string]string) bool {
	t.Helper()
	for key, value := range s.MatchLabels {
		if labels[key] != value {
			return false
		}
	}
	for _, e := range s.MatchExpressions {
		require.Equal(t, "In", e.Operator, "the tests know no other operator")
		if !slices.Contains(e.Values, labels[e.Key]) {
			return false
		}
	}
	return true
}

func sorted[V any](set map[string]V) []string { return slices.Sorted(maps.Keys(set)) }
