package manifests

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// artifact is an image that skaffold builds with ko.
type artifact struct {
	Image   string
	Context string
	Ko      *struct{ Main, Dir string }
}

type build struct{ Artifacts []artifact }

// artifacts are those of skaffold.yaml, all of its documents and profiles.
func artifacts(t *testing.T) map[string]artifact {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, "skaffold.yaml"))
	require.NoError(t, err)
	all := map[string]artifact{}
	for document := range strings.SplitSeq(string(content), "\n---\n") {
		var config struct {
			APIVersion string `json:"apiVersion"`
			Kind       string
			Build      build
			Profiles   []struct{ Build build }
		}
		require.NoError(t, yaml.Unmarshal([]byte(document), &config))
		require.Equal(t, "Config", config.Kind)
		require.True(t, strings.HasPrefix(config.APIVersion, "skaffold/"), config.APIVersion)
		builds := []build{config.Build}
		for _, profile := range config.Profiles {
			builds = append(builds, profile.Build)
		}
		for _, b := range builds {
			for _, a := range b.Artifacts {
				all[a.Image] = a
			}
		}
	}
	require.NotEmpty(t, all)
	return all
}

func TestSkaffoldBuildsProgramsThatThereAre(t *testing.T) {
	for image, a := range artifacts(t) {
		require.NotNil(t, a.Ko, "%s: the mall is built with ko", image)
		folder := filepath.Join(root, filepath.FromSlash(a.Context), filepath.FromSlash(a.Ko.Dir), filepath.FromSlash(a.Ko.Main))
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		require.NoError(t, err)
		require.NotEmpty(t, files, "%s: no Go files in %s", image, folder)
		file, err := parser.ParseFile(token.NewFileSet(), files[0], nil, parser.PackageClauseOnly)
		require.NoError(t, err)
		require.Equal(t, "main", file.Name.Name, "%s: %s is no program", image, folder)
	}
}

func TestSkaffoldBuildsTheImagesOfTheManifestsAndNoOthers(t *testing.T) {
	built := artifacts(t)
	used := map[string]bool{}
	each(t, func(t *testing.T, v view) {
		for _, p := range v.pods(t) {
			for _, c := range p.containers() {
				image, _, _ := strings.Cut(c.Image, ":")
				if !strings.HasPrefix(image, "mallbots/") {
					continue
				}
				used[image] = true
				require.Contains(t, built, image, "%s: skaffold.yaml does not build it", p.owner)
			}
		}
	})
	require.Equal(t, sorted(used), sorted(built))
}
