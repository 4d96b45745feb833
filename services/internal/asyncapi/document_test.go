package asyncapi_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The rules of AsyncAPI 3.0.0, as far as the document could break them; @asyncapi/parser knows all of them.
func TestTheDocumentIsAsyncAPI(t *testing.T) {
	d := document(t)
	require.Equal(t, "3.0.0", d["asyncapi"])
	require.NotEmpty(t, at(t, d, "#/info")["title"])
	require.NotEmpty(t, at(t, d, "#/info")["version"])
	every(d, func(node map[string]any) {
		if ref, ok := node["$ref"].(string); ok {
			require.Len(t, node, 1, "beside %s nothing counts", ref)
			at(t, d, ref)
		}
	})
	key := regexp.MustCompile(`^[A-Za-z0-9._-]+$`)
	for name := range at(t, d, "#/components") {
		for part := range at(t, d, "#/components/"+name) {
			require.Regexp(t, key, part)
		}
	}
	for name := range at(t, d, "#/channels") {
		require.Equal(t, name, at(t, d, "#/channels/"+name)["address"])
	}
	for name := range at(t, d, "#/operations") {
		operation := at(t, d, "#/operations/"+name)
		require.Regexp(t, key, name)
		require.Contains(t, []any{"send", "receive"}, operation["action"])
		requireMessagesOfItsChannel(t, operation)
		if reply, ok := operation["reply"].(map[string]any); ok {
			requireMessagesOfItsChannel(t, reply)
		}
	}
}

func requireMessagesOfItsChannel(t *testing.T, operation map[string]any) {
	t.Helper()
	channel := operation["channel"].(map[string]any)["$ref"].(string)
	require.True(t, strings.HasPrefix(channel, "#/channels/"))
	messages := operation["messages"].([]any)
	require.NotEmpty(t, messages)
	for _, message := range messages {
		require.Contains(t, message.(map[string]any)["$ref"], channel+"/messages/")
	}
}

// every visits all objects of a document.
func every(node any, visit func(map[string]any)) {
	switch node := node.(type) {
	case map[string]any:
		visit(node)
		for _, child := range node {
			every(child, visit)
		}
	case []any:
		for _, child := range node {
			every(child, visit)
		}
	}
}

// The golden examples of the contracts have every field set: whatever their JSON has, the schemas have.
func TestTheSchemasAreThoseOfTheMessages(t *testing.T) {
	d := document(t)
	paths, err := filepath.Glob(contracts + "/testdata/*.golden")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	checked := 0
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".golden")
		name = strings.TrimSuffix(strings.TrimSuffix(name, ".succeeded"), ".failed")
		if strings.HasSuffix(name, "Result") {
			continue // travels in a reply, which may hold anything
		}
		golden, err := os.ReadFile(path)
		require.NoError(t, err)
		_, text, _ := strings.Cut(string(golden), "\n")
		var value any
		require.NoError(t, json.Unmarshal([]byte(text), &value))
		requireSchema(t, d, name, at(t, d, "#/components/schemas/"+name), value)
		checked++
	}
	require.Equal(t, len(at(t, d, "#/components/messages"))+1, checked, "all messages; of the reply there are two examples")
}

func requireSchema(t *testing.T, d map[string]any, where string, schema map[string]any, value any) {
	t.Helper()
	if ref, ok := schema["$ref"].(string); ok {
		schema = at(t, d, ref)
	}
	if parts, ok := schema["allOf"].([]any); ok {
		for _, part := range parts {
			requireSchema(t, d, where, part.(map[string]any), value)
		}
		return
	}
	require.NotEmpty(t, schema["type"], where)
	switch value := value.(type) {
	case bool:
		require.Equal(t, "boolean", schema["type"], where)
	case float64:
		require.Equal(t, "integer", schema["type"], where)
	case string:
		require.Equal(t, "string", schema["type"], where)
		if values, ok := schema["enum"].([]any); ok {
			require.Contains(t, values, value, where)
		}
	case []any:
		require.Equal(t, "array", schema["type"], where)
		requireSchema(t, d, where+"[]", schema["items"].(map[string]any), value[0])
	case map[string]any:
		require.Equal(t, "object", schema["type"], where)
		if _, ok := value["@type"]; ok {
			return
		}
		properties := schema["properties"].(map[string]any)
		for name, inner := range value {
			require.Contains(t, properties, name, where)
			requireSchema(t, d, where+"."+name, properties[name].(map[string]any), inner)
		}
		if schema["oneOf"] == nil {
			require.Len(t, value, len(properties), where)
		}
	}
}
