package main

// kept are the words of a schema that check something. Others describe, give defaults or are for the API server alone. The schemas in the
// last four stay as they are: they add to what the one around them says of the same fields, and only it knows all of them.
var kept = []string{
	"type", "required", "enum", "pattern", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minimum", "maximum",
	"minProperties", "maxProperties", "allOf", "anyOf", "oneOf", "not",
}

// strict is s with nothing allowed beside its properties; inner does the same for the schemas in it.
func strict(s schema, inner func(schema) schema) schema {
	if s["x-kubernetes-int-or-string"] == true || s["format"] == "int-or-string" {
		return schema{"type": []any{"string", "integer"}}
	}
	out := schema{}
	for _, word := range kept {
		if value, ok := s[word]; ok {
			out[word] = value
		}
	}
	if items, ok := s["items"].(schema); ok {
		out["items"] = inner(items)
	}
	if values, ok := s["additionalProperties"].(schema); ok {
		out["additionalProperties"] = inner(values)
	}
	if properties, ok := s["properties"].(schema); ok {
		checked := schema{}
		for name, property := range properties {
			if p, ok := property.(schema); ok {
				checked[name] = inner(p)
			}
		}
		out["properties"] = checked
		if s["additionalProperties"] == nil && s["x-kubernetes-preserve-unknown-fields"] != true {
			out["additionalProperties"] = false
		}
	}
	if kind, ok := out["type"].(string); ok && s["nullable"] == true {
		out["type"] = []any{kind, "null"}
	}
	return out
}
