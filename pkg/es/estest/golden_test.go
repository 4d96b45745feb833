package estest_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/es"
	"mallbots.example/pkg/es/estest"
)

type (
	opened struct {
		Owner string
		By    string `json:",omitempty"` // since the second release: who opened it for the owner
	}
	counted struct{ Pieces []int }
)

func (opened) EventName() string  { return "tally.opened" }
func (counted) EventName() string { return "tally.counted" }

type state struct {
	Owner, By string
	Sum       int
}

type tally struct {
	es.Root
	state state
}

func (t *tally) Apply(event es.Event) {
	switch e := event.(type) {
	case opened:
		t.state.Owner, t.state.By = e.Owner, e.By
	case counted:
		for _, pieces := range e.Pieces {
			t.state.Sum += pieces
		}
	}
}
func (t *tally) Snapshot() any                             { return t.state }
func (t *tally) Restore(decode func(into any) error) error { return decode(&t.state) }
func (*tally) SnapshotSchema() int                         { return 1 }

// codec knows that counted had one number once.
func codec() *es.Codec {
	return es.NewCodec(opened{}, counted{}).Upcast("tally.counted", 1, func(data json.RawMessage) (json.RawMessage, error) {
		var old struct{ Piece int }
		if err := json.Unmarshal(data, &old); err != nil {
			return nil, err
		}
		return json.Marshal(counted{Pieces: []int{old.Piece}})
	})
}

const golden = `snapshot 1 {"Owner":"ann","By":"joe","Sum":3}
tally.counted 1 {"Piece":3}
tally.counted 2 {"Pieces":[3]}
tally.opened 1 {"Owner":"ann"}
tally.opened 1 {"Owner":"ann","By":"joe"}
`

func TestWhatTheGoldenFileHoldsAgainst(t *testing.T) {
	alone, helped, three := opened{Owner: "ann"}, opened{Owner: "ann", By: "joe"}, counted{[]int{3}}
	whole := []es.Event{alone, helped, three}
	for name, c := range map[string]struct {
		file   string
		life   []es.Event
		broken string
	}{
		"nothing":                                      {golden, whole, ""},
		"an event without an example":                  {golden, whole[:2], "events without an example: tally.counted"},
		"a field that no example has":                  {golden, []es.Event{alone, alone, three}, "tally.opened.By"},
		"a list that no example has":                   {golden, []es.Event{alone, helped, counted{}}, "tally.counted.Pieces"},
		"an event that is stored in another form":      {golden, []es.Event{alone, opened{Owner: "bob", By: "joe"}, three}, "tally.opened of schema 1"},
		"an older form that is read as something else": {strings.Replace(golden, `{"Piece":3}`, `{"Piece":4}`, 1), whole, "tally.counted of schema 1 is read as no example"},
		"a form from before a field that is forgotten": {golden, []es.Event{helped, three}, "tally.opened of schema 1 is read as no example"},
		"an older form that is not in the file":        {strings.Replace(golden, "tally.counted 1 {\"Piece\":3}\n", "", 1), whole, "tally.counted of schema 1 is not there"},
		"a form that is not in the file":               {"", whole, "tally.opened of schema 1"},
		"a form that nothing reads":                    {golden + "tally.closed 1 {}\n", whole, "forms that nothing reads"},
		"a snapshot that nothing reads":                {golden + "snapshot 1 {}\n", whole, "forms that nothing reads"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "tally.golden")
			require.NoError(t, os.WriteFile(path, []byte(c.file), 0o600))
			errors := failures(t, func(t testing.TB) {
				estest.Golden(t, path, codec(), func() *tally { return &tally{} }, c.life...)
			})
			if c.broken == "" {
				require.Empty(t, errors)
			} else {
				require.Contains(t, errors, c.broken)
			}
		})
	}
}

// failures are what test fails with.
func failures(t *testing.T, test func(t testing.TB)) string {
	recorded := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		test(recorded)
	}()
	<-done
	return recorded.failures
}

type recorder struct {
	testing.TB
	failures string
}

func (r *recorder) Errorf(format string, args ...any) { r.failures += fmt.Sprintf(format, args...) }
func (r *recorder) FailNow()                          { runtime.Goexit() }
