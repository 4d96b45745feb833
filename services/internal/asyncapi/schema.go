package asyncapi

import (
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Schema is as much of JSON Schema as the messages need.
type Schema struct {
	Ref                  string             `json:"$ref,omitempty"`
	Type                 string             `json:"type,omitempty"`
	Format               string             `json:"format,omitempty"`
	Description          string             `json:"description,omitempty"`
	AllOf                []*Schema          `json:"allOf,omitempty"`
	OneOf                []*Schema          `json:"oneOf,omitempty"`
	Enum                 []string           `json:"enum,omitempty"`
	Items                *Schema            `json:"items,omitempty"`
	Properties           map[string]*Schema `json:"properties,omitempty"`
	Required             []string           `json:"required,omitempty"`
	AdditionalProperties *bool              `json:"additionalProperties,omitempty"`
}

const schemas = "#/components/schemas/"

// schemaWriter makes the schemas of messages, and of what is in them, in the form that protobuf's JSON has.
type schemaWriter struct {
	comments comments
	made     map[string]*Schema // by the messages' full names
}

// of gives the reference to a message's schema.
func (w schemaWriter) of(message protoreflect.MessageDescriptor) *Schema {
	name := string(message.FullName())
	ref := &Schema{Ref: schemas + name}
	if w.made[name] != nil {
		return ref
	}
	schema := &Schema{Type: "object", Description: w.comments[name], Properties: map[string]*Schema{}}
	w.made[name] = schema
	for field := range all(message.Fields()) {
		property := w.field(field)
		if comment := w.comments[string(field.FullName())]; property.Ref != "" { // beside which nothing counts
			property = &Schema{Description: comment, AllOf: []*Schema{property}}
		} else {
			property.Description = comment
		}
		schema.Properties[field.JSONName()] = property
	}
	for oneof := range all(message.Oneofs()) {
		if oneof.IsSynthetic() {
			continue
		}
		for field := range all(oneof.Fields()) {
			schema.OneOf = append(schema.OneOf, &Schema{Required: []string{field.JSONName()}})
		}
	}
	return ref
}

func (w schemaWriter) field(field protoreflect.FieldDescriptor) *Schema {
	one := w.value(field)
	if field.IsList() {
		return &Schema{Type: "array", Items: one}
	}
	return one
}

func (w schemaWriter) value(field protoreflect.FieldDescriptor) *Schema {
	switch field.Kind() {
	case protoreflect.BoolKind:
		return &Schema{Type: "boolean"}
	case protoreflect.StringKind:
		return &Schema{Type: "string"}
	case protoreflect.Int32Kind:
		return &Schema{Type: "integer", Format: "int32"}
	case protoreflect.Int64Kind:
		return &Schema{Type: "string", Format: "int64"} // JSON's numbers are too small for it
	case protoreflect.EnumKind:
		schema := &Schema{Type: "string"}
		for value := range all(field.Enum().Values()) {
			schema.Enum = append(schema.Enum, string(value.Name()))
		}
		return schema
	case protoreflect.MessageKind:
		switch field.Message().FullName() {
		case "google.protobuf.Timestamp":
			return &Schema{Type: "string", Format: "date-time"}
		case "google.protobuf.Any":
			return &Schema{Type: "object", Required: []string{"@type"}, Properties: map[string]*Schema{"@type": {Type: "string"}}}
		}
		if !field.IsMap() {
			return w.of(field.Message())
		}
	default:
	}
	panic("asyncapi: no schema is made of " + string(field.FullName()))
}

// all ranges over one of protoreflect's lists.
func all[T any](list interface {
	Len() int
	Get(i int) T
}) func(yield func(T) bool) {
	return func(yield func(T) bool) {
		for i := range list.Len() {
			if !yield(list.Get(i)) {
				return
			}
		}
	}
}
