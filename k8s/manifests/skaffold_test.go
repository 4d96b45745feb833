package manifests

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// artifact is an image that skaffold builds with ko.
type artifact struct {
	Image   string
	Context string
	Ko      *struct {
		Main, Dir    string
		Dependencies struct{ Paths, Ignore []string }
	}
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

// embedded are the files that programs of the mall have in them, by the directives in their sources; the tests' own are none.
func embedded(t *testing.T) (files []string) {
	t.Helper()
	for _, top := range []string{"api", "features", "pkg", "services"} {
		require.NoError(t, filepath.WalkDir(filepath.Join(root, top), func(source string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(source) != ".go" || strings.HasSuffix(source, "_test.go") {
				return err
			}
			content, err := os.ReadFile(source)
			if err != nil {
				return err
			}
			for line := range strings.Lines(string(content)) {
				patterns, ok := strings.CutPrefix(line, "//go:embed ")
				if !ok {
					continue
				}
				for glob := range strings.FieldsSeq(patterns) {
					found, err := filepath.Glob(filepath.Join(filepath.Dir(source), filepath.FromSlash(glob)))
					if err != nil {
						return err
					}
					for _, file := range found {
						file, err := filepath.Rel(root, file)
						if err != nil {
							return err
						}
						files = append(files, filepath.ToSlash(file))
					}
				}
			}
			return nil
		}))
	}
	require.Greater(t, len(files), 20)
	return files
}

// An image whose tag does not change is not built again.
func TestSkaffoldBuildsAgainWhatIsMadeOfAFileThatChanges(t *testing.T) {
	files := append(embedded(t), "pkg/rpc/client.go", "services/gateway/service.go", "services/go.mod", "go.work", "go.work.sum")
	for image, a := range artifacts(t) {
		for _, path := range a.Ko.Dependencies.Paths { // a folder stands for all that is in it; what is not there, Skaffold calls an error
			_, err := os.Stat(filepath.Join(root, filepath.FromSlash(path)))
			require.NoError(t, err, image)
		}
		for _, file := range files {
			require.True(t, slices.ContainsFunc(a.Ko.Dependencies.Paths, func(path string) bool {
				return file == path || strings.HasPrefix(file, path+"/")
			}), "%s does not depend on %s", image, file)
			require.False(t, slices.ContainsFunc(a.Ko.Dependencies.Ignore, func(glob string) bool {
				ending, ok := strings.CutPrefix(glob, "**/*")
				require.True(t, ok, "%s: of what is ignored this test knows endings alone, such as **/*.md, not %s", image, glob)
				return strings.HasSuffix(file, ending)
			}), "%s ignores %s", image, file)
		}
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
