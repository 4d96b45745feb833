package manifests

import (
	"go/ast"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var settingName = regexp.MustCompile(`^MALLBOTS_[A-Z_]+$`)

// settings are those of the Go files below a folder: `env:"…"` tags, and names that a program reads by itself.
func settings(t *testing.T, folder string, literals bool) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	inspect(t, folder, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.Field:
			if n.Tag == nil {
				return
			}
			tag, err := strconv.Unquote(n.Tag.Value)
			require.NoError(t, err)
			if name, ok := reflect.StructTag(tag).Lookup("env"); ok {
				found[name] = true
			}
		case *ast.BasicLit:
			if name, ok := text(n); ok && literals && settingName.MatchString(name) {
				found[name] = true
			}
		}
	})
	return found
}

// A process refuses a setting that it does not know, so that a typo keeps a pod from starting.
func TestPodsGetSettingsThatTheirProgramHas(t *testing.T) {
	shared := settings(t, "pkg/service", false)
	require.Contains(t, shared, "MALLBOTS_LOG_LEVEL")
	own := map[string]map[string]bool{} // by service
	for _, service := range services(t) {
		own[service] = settings(t, "services/"+service, false)
	}
	others := map[string]bool{} // of programs that are no services, such as provision and features: all that any has
	for _, folder := range []string{"pkg", "services", "features"} {
		for name := range settings(t, folder, true) {
			others[name] = true
		}
	}
	eachPod(t, func(t *testing.T, v view, p pod) {
		for _, c := range p.containers() {
			service := filepath.Base(strings.SplitN(c.Image, ":", 2)[0])
			has := func(name string) bool { return others[name] }
			if mine, ok := own[service]; ok {
				has = func(name string) bool { return shared[name] || mine[name] }
			}
			given := environment(t, v, c)
			for _, name := range given {
				if !strings.HasPrefix(name, "MALLBOTS_") {
					continue
				}
				setting := strings.TrimSuffix(name, "_FILE")
				require.True(t, has(name) || has(setting), "%s: %s is no setting of %s", c.Name, name, service)
				require.False(t, setting != name && slices.Contains(given, setting), "%s: %s and %s are both set", c.Name, setting, name)
			}
		}
	})
}

// environment names the variables that a container gets from its manifest and from ConfigMaps.
func environment(t *testing.T, v view, c container) (names []string) {
	t.Helper()
	for _, e := range c.Env {
		names = append(names, e.Name)
	}
	for _, from := range c.EnvFrom {
		if from.ConfigMapRef == nil {
			continue
		}
		for _, o := range v.ofKind("ConfigMap") {
			if o.Metadata.Name == from.ConfigMapRef.Name {
				names = append(names, sorted(read[struct{ Data map[string]string }](t, o).Data)...)
			}
		}
	}
	return names
}
