// Package estest keeps examples of what event-sourced aggregates store. Databases hold events for good, so that every form in which one
// was ever stored must stay readable.
package estest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/es"
)

var update = flag.Bool("update", false, "write the golden forms of what is new")

// Form is something as it is stored: an event under its name, or a snapshot.
type Form struct {
	Name   string
	Schema int
}

// snapshot is the name of snapshots in a golden file; the names of events have dots.
const snapshot = "snapshot"

// Aggregate is an event-sourced aggregate with snapshots.
type Aggregate interface {
	es.Aggregate
	es.Snapshotter
}

// Golden checks the file of the forms of one kind of aggregate: what the codec writes is there byte for byte, and what is there, in older
// forms too, is read as one of the examples. Snapshots are kept in the present form alone: others are never read.
//
// life holds examples of every event, with each field set in one of them: two of an event whose newer field may be missing. It is no life
// that the rules allow, but one that fills all of a snapshot.
//
// With -update, examples that are missing are added. One that is there is never changed: give the event a field that may be missing, or a
// new schema version and an upcaster, and the snapshot another SnapshotSchema; the older snapshot then leaves the file.
func Golden[A Aggregate](t testing.TB, path string, codec *es.Codec, fresh func() A, life ...es.Event) {
	t.Helper()
	kept, lived := Read(t, path), fresh()
	if *update {
		maps.DeleteFunc(kept, func(f Form, _ []json.RawMessage) bool { return f.Name == snapshot && f.Schema < lived.SnapshotSchema() })
	}
	examples := map[string][]es.Event{}
	for _, event := range life {
		es.Raise(lived, event, time.Unix(0, 0))
		examples[event.EventName()] = append(examples[event.EventName()], event)
	}
	for _, name := range codec.Names() {
		require.NotEmpty(t, examples[name], "events without an example: %s", name)
		require.Empty(t, unfilled(name, examples[name]), "what no example has")
	}

	check := func(form Form, data json.RawMessage) {
		t.Helper()
		there := slices.ContainsFunc(kept[form], func(line json.RawMessage) bool { return bytes.Equal(line, data) })
		if !there && *update {
			kept[form] = append(kept[form], data)
			there = true
		}
		require.True(t, there, "%s of schema %d, in %s, is not %s", form.Name, form.Schema, path, data)
	}
	for _, event := range life {
		data, schema, err := codec.Encode(event)
		require.NoError(t, err)
		check(Form{event.EventName(), schema}, data)
		for ; schema > 0; schema-- {
			require.NotEmpty(t, kept[Form{event.EventName(), schema}], "%s of schema %d is not there any more", event.EventName(), schema)
		}
	}

	require.Empty(t, unfilled(snapshot, []any{lived.Snapshot()}), "what no example has")
	data, err := json.Marshal(lived.Snapshot())
	require.NoError(t, err)
	present := Form{snapshot, lived.SnapshotSchema()}
	check(present, data)
	restored := fresh()
	require.NoError(t, restored.Restore(func(into any) error { return json.Unmarshal(data, into) }))
	require.Equal(t, lived.Snapshot(), restored.Snapshot())

	require.Len(t, kept[present], 1, "forms that nothing reads: %s of schema %d", present.Name, present.Schema)
	delete(kept, present)
	requireRead(t, codec, kept, examples)
	if *update {
		kept[present] = []json.RawMessage{data}
		write(t, path, kept)
	}
}

// requireRead checks that what is kept of events is read as one of the examples, whatever its schema.
func requireRead(t testing.TB, codec *es.Codec, kept map[Form][]json.RawMessage, examples map[string][]es.Event) {
	t.Helper()
	for form, stored := range kept {
		require.NotEmpty(t, examples[form.Name], "forms that nothing reads: %s of schema %d", form.Name, form.Schema)
		for _, data := range stored {
			decoded, err := codec.Decode(form.Name, form.Schema, data)
			require.NoError(t, err)
			require.Contains(t, examples[form.Name], decoded, "%s of schema %d is read as no example: %s", form.Name, form.Schema, data)
		}
	}
}

// Read gives the forms in a golden file: a line for each example, with its name, its schema version and the JSON.
func Read(t testing.TB, path string) map[Form][]json.RawMessage {
	t.Helper()
	text, err := os.ReadFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		require.NoError(t, err)
	}
	forms := map[Form][]json.RawMessage{}
	for line := range strings.Lines(string(text)) {
		var form Form
		head, data, _ := strings.Cut(line, " {")
		_, err := fmt.Sscanf(head, "%s %d", &form.Name, &form.Schema)
		require.NoError(t, err, "%s: %s", path, line)
		forms[form] = append(forms[form], json.RawMessage("{"+strings.TrimSuffix(data, "\n")))
	}
	return forms
}

func write(t testing.TB, path string, forms map[Form][]json.RawMessage) {
	t.Helper()
	sorted := slices.SortedFunc(maps.Keys(forms), func(a, b Form) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Schema, b.Schema))
	})
	var text bytes.Buffer
	for _, form := range sorted {
		for _, data := range forms[form] {
			fmt.Fprintf(&text, "%s %d %s\n", form.Name, form.Schema, data)
		}
	}
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, text.Bytes(), 0o644))
}

// unfilled are the fields of which no example shows how they are stored.
func unfilled[T any](name string, examples []T) []string {
	var empty []string
	for i, example := range examples {
		of := emptyFields(name, reflect.ValueOf(example))
		if i == 0 {
			empty = of
		}
		empty = slices.DeleteFunc(empty, func(field string) bool { return !slices.Contains(of, field) })
	}
	return empty
}

func emptyFields(at string, v reflect.Value) (empty []string) {
	switch {
	case v.Kind() == reflect.Slice && v.Len() > 0:
		return emptyFields(at+"[0]", v.Index(0))
	case v.Kind() == reflect.Struct && (v.NumField() == 0 || v.Type().Field(0).IsExported()):
		for i := range v.NumField() {
			empty = append(empty, emptyFields(at+"."+v.Type().Field(i).Name, v.Field(i))...)
		}
	default: // a value, be it a struct that hides what it is made of
		if v.IsZero() {
			empty = []string{at}
		}
	}
	return empty
}
