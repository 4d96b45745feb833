package manifests

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write golden/: what the overlays render to")

const stale = "golden/%s is not current: go test ./k8s/manifests -update, and look at what changes"

func TestWhatIsRenderedIsKnown(t *testing.T) {
	known := map[string]bool{}
	for _, v := range views(t) {
		overlay, ok := strings.CutPrefix(v.name, "overlays/")
		if !ok {
			continue // overlays show what base and components do
		}
		name := strings.ReplaceAll(overlay, "/", "-") + ".yaml"
		known[name] = true
		file := filepath.Join("golden", name)
		if *update {
			require.NoError(t, os.MkdirAll("golden", 0o755))      //nolint:gosec // a source
			require.NoError(t, os.WriteFile(file, v.yaml, 0o644)) //nolint:gosec // a source
		}
		golden, err := os.ReadFile(file)
		require.NoError(t, err, stale, name)
		require.True(t, string(golden) == string(v.yaml), stale, name) // without the diff, which git shows better
	}
	files, err := filepath.Glob(filepath.Join("golden", "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		require.True(t, known[filepath.Base(file)], "%s is of no overlay: remove it", file)
	}
}

func TestNothingIsRenderedTwiceInDifferentWays(t *testing.T) {
	again, err := render("base")
	require.NoError(t, err)
	require.Equal(t, string(viewOf(t, "base").yaml), string(again.yaml))
}
