package es_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/es"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/store"
)

// The stored form is a promise to every later program: change it only together with an upcaster or a migration.
func TestTheStoredFormOfAnEvent(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		a := newTally("a", "ann")
		es.Raise(a, counted{Pieces: 9007199254740993, Of: map[string]string{"b": "ü", "a": "<>"}}, noon.Add(time.Hour))
		save(t, db, tallies(codec().Upcast("tally.counted", 1, same)), a)
		type row struct {
			kind, id, name, data string
			version, schema      int
			at                   time.Time
		}
		require.NoError(t, db.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			rows, err := store.All(ctx, tx, func(rows *store.Rows) (r row, err error) {
				err = rows.Scan(&r.kind, &r.id, &r.version, &r.name, &r.schema, &r.data, &r.at)
				return r, err
			}, `SELECT aggregate_kind, aggregate_id, version, name, schema_version, data, recorded_at FROM events ORDER BY version`)
			require.NoError(t, err)
			data := []string{`{"owner":"ann"}`, `{"pieces":9007199254740993,"of":{"a":"<>","b":"ü"}}`}
			for i := range rows {
				require.JSONEq(t, data[i], rows[i].data) // Postgres orders keys in its own way
				require.Contains(t, rows[i].data, []string{"ann", "9007199254740993"}[i], "exact, beyond what a float holds")
				rows[i].data = ""
			}
			require.Equal(t, []row{
				{kind: "tally", id: "a", version: 1, name: "tally.opened", schema: 1, at: stored(0)},
				{kind: "tally", id: "a", version: 2, name: "tally.counted", schema: 2, at: stored(1)},
			}, rows)
			return nil
		}))
		require.Equal(t, a, load(t, db, tallies(codec().Upcast("tally.counted", 1, same)), "a"))
	})
}

func same(data json.RawMessage) (json.RawMessage, error) { return data, nil }

func TestEncodeGivesTheJSONAndTheSchemaVersion(t *testing.T) {
	data, schema, err := codec().Encode(counted{Pieces: 2})
	require.NoError(t, err)
	require.Equal(t, `{"pieces":2}`, string(data))
	require.Equal(t, 1, schema)
	event, err := codec().Decode("tally.counted", 1, json.RawMessage(`{"pieces":2,"added":"by a later program"}`))
	require.NoError(t, err)
	require.Equal(t, counted{Pieces: 2}, event)
}

// renamed is how the form of tally.opened changed over time: {"name"} became {"holder"} became {"owner"}.
func renamed(from, to string) es.Upcaster {
	return func(data json.RawMessage) (json.RawMessage, error) {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(data, &fields); err != nil {
			return nil, err
		}
		fields[to] = fields[from]
		delete(fields, from)
		return json.Marshal(fields)
	}
}

func TestAnOlderFormIsUpcastOnLoad(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		for id, row := range map[string]struct {
			schema int
			data   string
		}{"v1": {1, `{"name":"ann"}`}, "v2": {2, `{"holder":"ann"}`}, "v3": {3, `{"owner":"ann"}`}} {
			exec(t, db, `INSERT INTO events (aggregate_kind, aggregate_id, version, name, schema_version, data, recorded_at)
				VALUES ('tally', $1, 1, 'tally.opened', $2, $3, $4)`, id, row.schema, row.data, noon)
		}
		r := tallies(codec().Upcast("tally.opened", 1, renamed("name", "holder")).Upcast("tally.opened", 2, renamed("holder", "owner")))
		for _, id := range []string{"v1", "v2", "v3"} {
			require.Equal(t, "ann", load(t, db, r, id).owner, id)
		}
		_, err := tryLoad(t, db, tallies(codec()), "v2")
		require.EqualError(t, err, `load tally v2: version 1: event "tally.opened" has schema version 2; this program knows 1 to 1`)
	})
}

func TestAnUnknownEventIsAnErrorThatNamesIt(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		save(t, db, tallies(codec()), newTally("a", "ann"))
		_, err := tryLoad(t, db, tallies(es.NewCodec(counted{})), "a")
		require.EqualError(t, err, `load tally a: version 1: event "tally.opened" is not registered`)
	})
}

type impostor struct{}

func (impostor) EventName() string { return "tally.opened" }

type unwritable struct{ F func() }

func (unwritable) EventName() string { return "unwritable" }

func TestWhatACodecRefuses(t *testing.T) {
	broken := func(json.RawMessage) (json.RawMessage, error) { return nil, fault.BadField("owner", "is broken") }
	encode := func(c *es.Codec, event es.Event) error { _, _, err := c.Encode(event); return err }
	decode := func(c *es.Codec, name string, schema int, data string) error {
		_, err := c.Decode(name, schema, json.RawMessage(data))
		return err
	}
	for want, err := range map[string]error{
		`event "unwritable" is not registered`:                                     encode(codec(), unwritable{}),
		`event "tally.opened" is a es_test.impostor, registered as es_test.opened`: encode(codec(), impostor{}),
		`event "tally.opened" is a *es_test.opened, registered as es_test.opened`:  encode(codec(), &opened{}),
		`event "unwritable": json: unsupported type: func()`:                       encode(es.NewCodec(unwritable{}), unwritable{}),
		`event "tally.opened": unexpected end of JSON input`:                       decode(codec(), "tally.opened", 1, `{`),
		`event "tally.opened" has schema version 0; this program knows 1 to 1`:     decode(codec(), "tally.opened", 0, `{}`),
		`event "tally.opened": upcast from schema version 1: owner is broken`:      decode(codec().Upcast("tally.opened", 1, broken), "tally.opened", 1, `{}`),
	} {
		require.EqualError(t, err, want)
		_, isFault := fault.As(err)
		require.False(t, isFault, "broken storage is not the caller's mistake")
	}
}

type nameless struct{}

func (nameless) EventName() string { return "" }

func TestACodecThatIsMisbuiltPanics(t *testing.T) {
	for want, build := range map[string]func(){
		"es: event es_test.nameless has no name": func() { es.NewCodec(nameless{}) },
		"es: event tally.opened: both es_test.opened and es_test.impostor have this name": func() {
			es.NewCodec(opened{}, impostor{})
		},
		"es: event tally.opened: register the struct, not a pointer: Apply switches on what Decode makes": func() {
			es.NewCodec(&opened{})
		},
		"es: upcast of event nosuch, which is not registered":                   func() { codec().Upcast("nosuch", 1, same) },
		"es: upcast of event tally.opened from schema version 2: the next is 1": func() { codec().Upcast("tally.opened", 2, same) },
	} {
		require.PanicsWithValue(t, want, build)
	}
}
