package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// swagger is the API of a Kubernetes with one kind, a box, whose spec may hold boxes' specs again.
const swagger = `{"definitions": {
	"box": {
		"x-kubernetes-group-version-kind": [{"group": "stores.example.com", "version": "v1", "kind": "Box"}],
		"properties": {
			"apiVersion": {"type": "string"}, "kind": {"type": "string"},
			"metadata": {"$ref": "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"},
			"spec": {"$ref": "#/definitions/spec"}
		}
	},
	"spec": {"description": "What is in it.", "type": "object", "required": ["size"], "properties": {
		"size": {"$ref": "#/definitions/io.k8s.apimachinery.pkg.api.resource.Quantity"},
		"port": {"$ref": "#/definitions/io.k8s.apimachinery.pkg.util.intstr.IntOrString"},
		"labels": {"type": "object", "additionalProperties": {"type": "string"}},
		"inner": {"type": "array", "items": {"$ref": "#/definitions/spec"}}
	}},
	"io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta": {"type": "object", "properties": {"name": {"type": "string"}}},
	"io.k8s.apimachinery.pkg.api.resource.Quantity": {"type": "string"},
	"io.k8s.apimachinery.pkg.util.intstr.IntOrString": {"type": "string", "format": "int-or-string"}
}}`

const crd = `
kind: CustomResourceDefinition
spec:
  group: stores.example.com
  names: {kind: Crate}
  versions:
    - name: v1alpha1
      served: false
    - name: v1
      served: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            apiVersion: {type: string}
            kind: {type: string}
            metadata: {type: object}
            spec:
              type: object
              properties:
                port: {x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}
                free: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {known: {type: string}}}
                note: {type: string, nullable: true, pattern: "^[a-z]+$"}
`

func kinds(t *testing.T) map[string]schema {
	t.Helper()
	api, err := readOpenAPI([]byte(swagger))
	require.NoError(t, err)
	return api.kinds()
}

func at(t *testing.T, s schema, path ...string) schema {
	t.Helper()
	for _, name := range path {
		inner, ok := s[name].(schema)
		require.True(t, ok, "%v has no %s", s, name)
		s = inner
	}
	return s
}

func TestAKindIsAFileOfItsOwn(t *testing.T) {
	box := kinds(t)["box-stores-v1"]
	require.Len(t, kinds(t), 1, "what is no kind is part of one")
	require.Equal(t, []any{"apiVersion", "kind", "metadata"}, box["required"])
	require.Equal(t, schema{"const": "stores.example.com/v1"}, at(t, box, "properties", "apiVersion"))
	require.Equal(t, schema{"const": "Box"}, at(t, box, "properties", "kind"))
	require.Equal(t, schema{"type": "string"}, at(t, box, "properties", "metadata", "properties", "name"), "definitions take the place of references")
}

func TestNothingIsAllowedBesideWhatTheAPIKnows(t *testing.T) {
	box := kinds(t)["box-stores-v1"]
	spec := at(t, box, "properties", "spec")
	require.Equal(t, false, box["additionalProperties"])
	require.Equal(t, false, spec["additionalProperties"])
	require.Equal(t, []any{"size"}, spec["required"])
	require.NotContains(t, spec, "description")
	require.Equal(t, schema{"type": "string"}, at(t, spec, "properties", "labels", "additionalProperties"), "a map has any keys")
}

func TestWhatIsAStringInTheDocumentMayBeANumberInAManifest(t *testing.T) {
	properties := at(t, kinds(t)["box-stores-v1"], "properties", "spec", "properties")
	require.Equal(t, schema{"type": []any{"string", "number"}}, properties["size"])
	require.Equal(t, schema{"type": []any{"string", "number"}}, properties["port"])
}

func TestADefinitionThatHoldsItselfMayHoldAnythingThere(t *testing.T) {
	require.Equal(t, schema{}, at(t, kinds(t)["box-stores-v1"], "properties", "spec", "properties", "inner", "items"))
}

func TestACustomResourceHasTheVersionsThatAreServed(t *testing.T) {
	all := map[string]schema{}
	metadata := schema{"type": "object", "additionalProperties": false}
	require.NoError(t, addCustom(all, []byte(crd), metadata))
	require.Len(t, all, 1)
	crate := all["crate-stores-v1"]
	require.Equal(t, metadata, at(t, crate, "properties", "metadata"))
	spec := at(t, crate, "properties", "spec")
	require.Equal(t, false, spec["additionalProperties"])
	require.Equal(t, schema{"type": []any{"string", "integer"}}, at(t, spec, "properties", "port"))
	require.NotContains(t, at(t, spec, "properties", "free"), "additionalProperties", "the API server keeps what it does not know")
	require.Equal(t, schema{"type": []any{"string", "null"}, "pattern": "^[a-z]+$"}, at(t, spec, "properties", "note"))
}

func TestWhatIsNoDefinitionIsRefused(t *testing.T) {
	require.ErrorContains(t, addCustom(map[string]schema{}, []byte("kind: Deployment"), nil), `is a "Deployment"`)
	require.ErrorContains(t, addCustom(map[string]schema{}, []byte("kind: CustomResourceDefinition"), nil), "serves no version")
	_, err := readOpenAPI([]byte(`{"definitions": {}}`))
	require.ErrorContains(t, err, "ObjectMeta")
}

func TestFilesAreNamedAsKubeconformAsksForThem(t *testing.T) {
	require.Equal(t, "service-v1", fileName("", "v1", "Service"))
	require.Equal(t, "deployment-apps-v1", fileName("apps", "v1", "Deployment"))
	require.Equal(t, "networkpolicy-networking-v1", fileName("networking.k8s.io", "v1", "NetworkPolicy"))
}

func TestAFolderThatIsCurrentStaysAsItIs(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, write(dir, kinds(t)))
	require.FileExists(t, filepath.Join(dir, "box-stores-v1.json"))
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-o", dir}, &out))
	require.Contains(t, out.String(), "current")
	require.FileExists(t, filepath.Join(dir, "box-stores-v1.json"))
}

func TestAFolderIsWrittenAnew(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "old-v1.json")
	require.NoError(t, os.WriteFile(old, nil, 0o600))
	require.NoError(t, write(dir, kinds(t)))
	require.NoFileExists(t, old)
}
