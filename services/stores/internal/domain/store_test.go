package domain_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"mallbots.example/pkg/aggregate"
	"mallbots.example/pkg/es"
	"mallbots.example/pkg/fault"
	"mallbots.example/services/stores/internal/domain"
)

var (
	monday  = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	tuesday = monday.Add(24 * time.Hour)
)

// waldorf gives the store Waldorf Books.
func waldorf(t *testing.T, participating bool) *domain.Store {
	t.Helper()
	s, err := domain.CreateStore("waldorf", "Waldorf Books", "Level 2, unit 14", monday)
	require.NoError(t, err)
	if participating {
		require.NoError(t, s.EnableParticipation(monday))
	}
	return s
}

// raised are the events of an aggregate after its first so many versions.
func raised(changes []es.Recorded, after int64) []es.Event {
	var events []es.Event
	for _, change := range changes {
		if change.Version > after {
			events = append(events, change.Event)
		}
	}
	return events
}

// requireField says which field of the input is broken.
func requireField(t *testing.T, err error, field string) {
	t.Helper()
	refusal, ok := fault.As(err)
	require.True(t, ok, "%v", err)
	require.Equal(t, fault.Invalid, refusal.Kind)
	require.Equal(t, field, refusal.Fields[0].Name)
}

func TestANewStoreDoesNotParticipate(t *testing.T) {
	s := waldorf(t, false)
	require.Equal(t, domain.StoreView{
		Meta:       aggregate.Meta{ID: "waldorf", Version: 1, CreatedAt: monday, UpdatedAt: monday},
		StoreState: domain.StoreState{Name: "Waldorf Books", Location: "Level 2, unit 14"},
	}, s.View())
	require.Equal(t, []es.Event{domain.StoreCreated{Name: "Waldorf Books", Location: "Level 2, unit 14"}}, raised(s.Changes(), 0))
}

func TestAStoreNeedsANameAndALocation(t *testing.T) {
	for name, test := range map[string]struct{ name, location, field string }{
		"no name":        {"", "Level 2", "name"},
		"blank name":     {" \t\n", "Level 2", "name"},
		"no location":    {"Waldorf Books", "", "location"},
		"blank location": {"Waldorf Books", "  ", "location"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := domain.CreateStore("waldorf", test.name, test.location, monday)
			requireField(t, err, test.field)
			require.Nil(t, s)
		})
	}
}

// Each state × each command: allowed, or refused with which reason.
func TestWhatAStoreMayDo(t *testing.T) {
	enable := func(s *domain.Store) error { return s.EnableParticipation(tuesday) }
	disable := func(s *domain.Store) error { return s.DisableParticipation(tuesday) }
	rebrand := func(s *domain.Store) error { return s.Rebrand("Astoria Books", tuesday) }
	rebranded := []es.Event{domain.StoreRebranded{Name: "Astoria Books"}}
	for name, test := range map[string]struct {
		participating bool
		do            func(*domain.Store) error
		err           error
		events        []es.Event
	}{
		"a participating store cannot be enabled":      {true, enable, domain.ErrAlreadyParticipating, nil},
		"a participating store can be disabled":        {true, disable, nil, []es.Event{domain.ParticipationDisabled{}}},
		"a participating store can be rebranded":       {true, rebrand, nil, rebranded},
		"a store that does not participate can begin":  {false, enable, nil, []es.Event{domain.ParticipationEnabled{}}},
		"a store that does not participate cannot end": {false, disable, domain.ErrNotParticipating, nil},
		"any store can be rebranded":                   {false, rebrand, nil, rebranded},
	} {
		t.Run(name, func(t *testing.T) {
			s := waldorf(t, test.participating)
			before := s.View()
			require.ErrorIs(t, test.do(s), test.err)
			require.Equal(t, test.events, raised(s.Changes(), before.Version))
			if test.events == nil {
				require.Equal(t, before, s.View(), "refused: nothing changes")
				return
			}
			require.Equal(t, before.Version+1, s.View().Version)
			require.Equal(t, tuesday, s.View().UpdatedAt)
			require.Equal(t, monday, s.View().CreatedAt)
		})
	}
}

func TestAStoreTakesItsNewNameAndParticipation(t *testing.T) {
	s := waldorf(t, false)
	require.NoError(t, s.Rebrand("Astoria Books", tuesday))
	require.NoError(t, s.EnableParticipation(tuesday))
	require.Equal(t, domain.StoreState{Name: "Astoria Books", Location: "Level 2, unit 14", Participating: true}, s.View().StoreState)
	require.NoError(t, s.DisableParticipation(tuesday))
	require.False(t, s.View().Participating)
}

func TestTheNameThatAStoreHasChangesNothing(t *testing.T) {
	s := waldorf(t, true)
	require.NoError(t, s.Rebrand("Waldorf Books", tuesday))
	require.EqualValues(t, 2, s.View().Version)
}

func TestAStoreCannotLoseItsName(t *testing.T) {
	s := waldorf(t, true)
	requireField(t, s.Rebrand(" ", tuesday), "name")
	require.Equal(t, "Waldorf Books", s.View().Name)
}

func TestASnapshotOfAStoreHoldsAllOfIt(t *testing.T) {
	s := waldorf(t, true)
	stored, err := json.Marshal(s.Snapshot())
	require.NoError(t, err)
	require.JSONEq(t, `{"name": "Waldorf Books", "location": "Level 2, unit 14", "participating": true}`, string(stored))
	restored := &domain.Store{}
	require.NoError(t, restored.Restore(func(into any) error { return json.Unmarshal(stored, into) }))
	require.Equal(t, s.View().StoreState, restored.View().StoreState)
}
