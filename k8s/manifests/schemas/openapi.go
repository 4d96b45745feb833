package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
)

// schema is a JSON schema, or an OpenAPI one on its way to become one.
type schema = map[string]any

const (
	refPrefix  = "#/definitions/"
	objectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
)

// either takes what is a number or a string in manifests, and a string in the document.
var either = map[string]bool{
	"io.k8s.apimachinery.pkg.api.resource.Quantity":   true,
	"io.k8s.apimachinery.pkg.util.intstr.IntOrString": true,
}

// document is what Kubernetes says of its API.
type document struct {
	Definitions map[string]schema `json:"definitions"`
}

func readOpenAPI(swagger []byte) (*document, error) {
	var d document
	if err := json.Unmarshal(swagger, &d); err != nil {
		return nil, err
	}
	if d.Definitions[objectMeta] == nil {
		return nil, fmt.Errorf("no definition of %s", objectMeta)
	}
	return &d, nil
}

// kinds are the schemas of all kinds, by the name of their file.
func (d *document) kinds() map[string]schema {
	all := map[string]schema{}
	for name, definition := range d.Definitions {
		kinds, _ := definition["x-kubernetes-group-version-kind"].([]any)
		if len(kinds) != 1 {
			continue // not a kind, or one of every group, such as DeleteOptions
		}
		gvk, _ := kinds[0].(map[string]any)
		group, _ := gvk["group"].(string)
		version, _ := gvk["version"].(string)
		kind, _ := gvk["kind"].(string)
		all[fileName(group, version, kind)] = root(d.resolve(schema{"$ref": refPrefix + name}, nil), group, version, kind)
	}
	return all
}

func (d *document) objectMeta() schema { return d.resolve(schema{"$ref": refPrefix + objectMeta}, nil) }

// resolve puts definitions in the place of what refers to them, since each schema is a file of its own, and makes it strict. within names
// the definitions around this one: one that holds itself may hold anything there.
func (d *document) resolve(s schema, within []string) schema {
	if ref, ok := s["$ref"].(string); ok {
		name := strings.TrimPrefix(ref, refPrefix)
		for _, outer := range within {
			if outer == name {
				return schema{}
			}
		}
		if either[name] {
			return schema{"type": []any{"string", "number"}}
		}
		return d.resolve(d.Definitions[name], append(within[:len(within):len(within)], name))
	}
	return strict(s, func(inner schema) schema { return d.resolve(inner, within) })
}

// root says which kind a schema is for: kubeconform chooses by it, and a typo in apiVersion must not choose none.
func root(s schema, group, version, kind string) schema {
	s = maps.Clone(s)
	apiVersion := version
	if group != "" {
		apiVersion = group + "/" + version
	}
	properties, _ := s["properties"].(schema)
	properties = maps.Clone(properties)
	properties["apiVersion"] = schema{"const": apiVersion}
	properties["kind"] = schema{"const": kind}
	s["properties"] = properties
	required, _ := s["required"].([]any)
	s["required"] = append([]any{"apiVersion", "kind", "metadata"}, required...)
	return s
}
