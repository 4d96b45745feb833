package manifests

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// root is that of the repository.
var root = filepath.Join("..", "..")

// view is something that kustomize renders.
type view struct {
	name    string // base, overlays/prod, jobs/features, components/monitoring
	yaml    []byte
	objects []object
}

// views renders everything that there is, once.
func views(t *testing.T) []view {
	t.Helper()
	all, err := rendered()
	require.NoError(t, err)
	return all
}

var rendered = sync.OnceValues(func() ([]view, error) {
	names, err := folders()
	if err != nil {
		return nil, err
	}
	all := []view{}
	for _, name := range names {
		v, err := render(name)
		if err != nil {
			return nil, fmt.Errorf("k8s/%s: %w", name, err)
		}
		all = append(all, v)
	}
	return all, nil
})

// folders are what can be deployed, or added to it: base, overlays and jobs with the folders in them, and components, whose inner folders are
// part of them.
func folders() ([]string, error) {
	k8s := os.DirFS(filepath.Join(root, "k8s"))
	all := []string{"base"}
	for _, top := range []string{"overlays", "jobs", "components"} {
		err := fs.WalkDir(k8s, top, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.Name() != "kustomization.yaml" {
				return err
			}
			if inner := strings.Count(file, "/") > 2; top != "components" || !inner {
				all = append(all, path.Dir(file))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

func render(name string) (view, error) {
	folder := filepath.Join(root, "k8s", filepath.FromSlash(name))
	if component, ok := strings.CutPrefix(name, "components/"); ok {
		overlay, err := os.MkdirTemp("", "manifests")
		if err != nil {
			return view{}, err
		}
		defer os.RemoveAll(overlay)
		if err := uponBase(overlay, component); err != nil {
			return view{}, err
		}
		folder = overlay
	}
	return renderFolder(name, folder)
}

// renderFolder renders a folder under a name.
func renderFolder(name, folder string) (view, error) {
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), folder)
	if err != nil {
		return view{}, err
	}
	v := view{name: name}
	if v.yaml, err = resources.AsYaml(); err != nil {
		return view{}, err
	}
	for _, r := range resources.Resources() {
		content, err := r.MarshalJSON()
		if err != nil {
			return view{}, err
		}
		o, err := newObject(content)
		if err != nil {
			return view{}, err
		}
		v.objects = append(v.objects, o)
	}
	return v, nil
}

// uponBase makes folder an overlay of the base with components. kustomize wants relative paths, from where the folder really is.
func uponBase(folder string, components ...string) error {
	from, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return err
	}
	k8s, err := filepath.Abs(filepath.Join(root, "k8s"))
	if err != nil {
		return err
	}
	if k8s, err = filepath.EvalSymlinks(k8s); err != nil {
		return err
	}
	to, err := filepath.Rel(from, k8s)
	if err != nil {
		return err
	}
	to = filepath.ToSlash(to)
	for i, component := range components {
		components[i] = to + "/components/" + component
	}
	return os.WriteFile(filepath.Join(folder, "kustomization.yaml"), fmt.Appendf(nil, `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: mallbots
resources: [%s/base]
components: [%s]
`, to, strings.Join(components, ", ")), 0o600)
}

// each runs a test for each view.
func each(t *testing.T, test func(t *testing.T, v view)) {
	t.Helper()
	for _, v := range views(t) {
		t.Run(v.name, func(t *testing.T) { test(t, v) })
	}
}

// viewOf gives the view of that name.
func viewOf(t *testing.T, name string) view {
	t.Helper()
	for _, v := range views(t) {
		if v.name == name {
			return v
		}
	}
	t.Fatalf("k8s/%s does not exist", name)
	return view{}
}
