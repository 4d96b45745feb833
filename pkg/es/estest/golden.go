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
// forms too, is read as the same event. Snapshots are kept in the present form alone: others are never read.
//
// life holds an example of every event, with all fields set. It is no life that the rules allow, but one that fills all of a snapshot.
//
// With -update, forms that are missing are added. A form that is there is never changed: give the event a new schema version and an
// upcaster, or the snapshot another SnapshotSchema; the older snapshot then leaves the file.
func Golden[A Aggregate](t testing.TB, path string, codec *es.Codec, fresh func() A, life ...es.Event) {
	t.Helper()
	kept, lived := Read(t, path), fresh()
	if *update {
		maps.DeleteFunc(kept, func(f Form, _ json.RawMessage) bool { return f.Name == snapshot && f.Schema < lived.SnapshotSchema() })
	}
	unread, missing := maps.Clone(kept), codec.Names()
	check := func(form Form, data json.RawMessage) {
		t.Helper()
		if _, ok := kept[form]; !ok && *update {
			kept[form] = data
		}
		require.Equal(t, string(kept[form]), string(data), "%s of schema %d, in %s", form.Name, form.Schema, path)
	}

	for _, event := range life {
		es.Raise(lived, event, time.Unix(0, 0))
		name := event.EventName()
		missing = slices.DeleteFunc(missing, func(m string) bool { return m == name })
		requireFilled(t, name, reflect.ValueOf(event))
		data, present, err := codec.Encode(event)
		require.NoError(t, err)
		check(Form{name, present}, data)
		for schema := 1; schema <= present; schema++ {
			decoded, err := codec.Decode(name, schema, kept[Form{name, schema}])
			require.NoError(t, err, "schema %d", schema)
			require.Equal(t, event, decoded, "schema %d", schema)
			delete(unread, Form{name, schema})
		}
	}
	require.Empty(t, missing, "events without an example")

	form := Form{snapshot, lived.SnapshotSchema()}
	requireFilled(t, snapshot, reflect.ValueOf(lived.Snapshot()))
	data, err := json.Marshal(lived.Snapshot())
	require.NoError(t, err)
	check(form, data)
	restored := fresh()
	require.NoError(t, restored.Restore(func(into any) error { return json.Unmarshal(kept[form], into) }))
	require.Equal(t, lived.Snapshot(), restored.Snapshot())
	delete(unread, form)

	require.Empty(t, unread, "forms that nothing reads")
	if *update {
		write(t, path, kept)
	}
}

// Read gives the forms in a golden file: a line each, with its name, its schema version and the JSON.
func Read(t testing.TB, path string) map[Form]json.RawMessage {
	t.Helper()
	text, err := os.ReadFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		require.NoError(t, err)
	}
	forms := map[Form]json.RawMessage{}
	for line := range strings.Lines(string(text)) {
		var form Form
		head, data, _ := strings.Cut(line, " {")
		_, err := fmt.Sscanf(head, "%s %d", &form.Name, &form.Schema)
		require.NoError(t, err, "%s: %s", path, line)
		forms[form] = json.RawMessage("{" + strings.TrimSuffix(data, "\n"))
	}
	return forms
}

func write(t testing.TB, path string, forms map[Form]json.RawMessage) {
	t.Helper()
	sorted := slices.SortedFunc(maps.Keys(forms), func(a, b Form) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Schema, b.Schema))
	})
	var text bytes.Buffer
	for _, form := range sorted {
		fmt.Fprintf(&text, "%s %d %s\n", form.Name, form.Schema, forms[form])
	}
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, text.Bytes(), 0o644))
}

// requireFilled fails for a field that shows nothing of how it is stored.
func requireFilled(t testing.TB, at string, v reflect.Value) {
	t.Helper()
	switch {
	case v.Kind() == reflect.Slice && v.Len() > 0:
		requireFilled(t, at+"[0]", v.Index(0))
	case v.Kind() == reflect.Struct && (v.NumField() == 0 || v.Type().Field(0).IsExported()):
		for i := range v.NumField() {
			requireFilled(t, at+"."+v.Type().Field(i).Name, v.Field(i))
		}
	default: // a value, be it a struct that hides what it is made of
		require.False(t, v.IsZero(), "the example has no %s", at)
	}
}
