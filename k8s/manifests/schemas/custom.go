package main

import (
	"errors"
	"fmt"

	"sigs.k8s.io/yaml"
)

// definition is the part of a CustomResourceDefinition that matters here.
type definition struct {
	Kind string `json:"kind"`
	Spec struct {
		Group string `json:"group"`
		Names struct {
			Kind string `json:"kind"`
		} `json:"names"`
		Versions []struct {
			Name   string `json:"name"`
			Served bool   `json:"served"`
			Schema struct {
				OpenAPIV3Schema schema `json:"openAPIV3Schema"`
			} `json:"schema"`
		} `json:"versions"`
	} `json:"spec"`
}

// addCustom adds the schemas of the versions that a CustomResourceDefinition serves. Its metadata are those of every object.
func addCustom(schemas map[string]schema, content []byte, metadata schema) error {
	var d definition
	if err := yaml.Unmarshal(content, &d); err != nil {
		return err
	}
	if d.Kind != "CustomResourceDefinition" {
		return fmt.Errorf("is a %q, not a CustomResourceDefinition", d.Kind)
	}
	added := 0
	for _, v := range d.Spec.Versions {
		if !v.Served {
			continue
		}
		s := root(strictAll(v.Schema.OpenAPIV3Schema), d.Spec.Group, v.Name, d.Spec.Names.Kind)
		properties, _ := s["properties"].(schema)
		properties["metadata"] = metadata
		schemas[fileName(d.Spec.Group, v.Name, d.Spec.Names.Kind)] = s
		added++
	}
	if added == 0 {
		return errors.New("serves no version")
	}
	return nil
}

func strictAll(s schema) schema { return strict(s, strictAll) }
