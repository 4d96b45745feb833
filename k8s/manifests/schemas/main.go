// Command schemas writes the JSON schemas by which kubeconform checks the manifests, without the internet that kubeconform would ask:
// Kubernetes' own, and those of the custom resources that the components use. They come out of the Go modules of their projects.
//
//	go run ./k8s/manifests/schemas -o .ci/out/schemas
//	kubeconform -strict -schema-location '.ci/out/schemas/{{ .ResourceKind }}{{ .KindSuffix }}.json' …
//
// They are strict: a field that the API does not know, which the API server drops with a warning at most, is an error.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "schemas:", err)
		}
		os.Exit(1)
	}
}

// stamp is the file that says which sources the schemas of a folder are made of: written last, so that a folder that has it is whole.
const stamp = "SOURCES"

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("schemas", flag.ContinueOnError)
	dir := flags.String("o", ".ci/out/schemas", "the folder to write to; one that is current stays as it is")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if have, err := os.ReadFile(filepath.Join(*dir, stamp)); err == nil && string(have) == versions() {
		_, err := fmt.Fprintln(out, "schemas: current in", *dir)
		return err
	}
	schemas, err := load(ctx)
	if err != nil {
		return err
	}
	if err := write(*dir, schemas); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "schemas: %d kinds in %s\n", len(schemas), *dir)
	return err
}

// load reads all sources.
func load(ctx context.Context) (map[string]schema, error) {
	dir, err := download(ctx, kubernetes)
	if err != nil {
		return nil, err
	}
	swagger, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(openAPI)))
	if err != nil {
		return nil, err
	}
	api, err := readOpenAPI(swagger)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", kubernetes, err)
	}
	schemas := api.kinds()
	for _, c := range customs {
		dir, err := download(ctx, c.module)
		if err != nil {
			return nil, err
		}
		for _, file := range c.files {
			definition, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(file)))
			if err != nil {
				return nil, err
			}
			if err := addCustom(schemas, definition, api.objectMeta()); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", c.module, file, err)
			}
		}
	}
	return schemas, nil
}

// write makes dir hold these schemas and nothing else.
func write(dir string, schemas map[string]schema) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // schemas are no secret
		return err
	}
	for name, s := range schemas {
		var content bytes.Buffer
		if err := json.NewEncoder(&content).Encode(s); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".json"), content.Bytes(), 0o644); err != nil { //nolint:gosec // the same
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, stamp), []byte(versions()), 0o644) //nolint:gosec // the same
}

// fileName is how kubeconform names a kind: {{ .ResourceKind }}{{ .KindSuffix }}, of the group its first word.
func fileName(group, version, kind string) string {
	parts := []string{kind}
	if word, _, _ := strings.Cut(group, "."); word != "" {
		parts = append(parts, word)
	}
	return strings.ToLower(strings.Join(append(parts, version), "-"))
}
