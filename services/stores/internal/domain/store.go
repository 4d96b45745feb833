// Package domain holds the rules about stores, their products, their stock and what orders have reserved of it. It does no I/O.
package domain

import (
	"strings"
	"time"

	"mallbots.example/pkg/aggregate"
	"mallbots.example/pkg/es"
	"mallbots.example/pkg/fault"
)

// Reasons for which a rule about stores says no.
var (
	ErrAlreadyParticipating = fault.Refuse("STORE_ALREADY_PARTICIPATING", "the store participates already")
	ErrNotParticipating     = fault.Refuse("STORE_NOT_PARTICIPATING", "the store does not participate")
)

// StoreNotFound says that there is no such store.
func StoreNotFound(id string) error {
	return fault.Missing("STORE_NOT_FOUND", "there is no store %s", id)
}

// StoreCreated is the first event of every store.
type StoreCreated struct {
	Name     string `json:"name"`
	Location string `json:"location"`
}

// StoreRebranded says that a store has another name.
type StoreRebranded struct {
	Name string `json:"name"`
}

// ParticipationEnabled says that customers can buy from a store.
type ParticipationEnabled struct{}

// ParticipationDisabled says that customers can't buy from a store any more.
type ParticipationDisabled struct{}

// EventName implements es.Event.
func (StoreCreated) EventName() string { return "store.created" }

// EventName implements es.Event.
func (StoreRebranded) EventName() string { return "store.rebranded" }

// EventName implements es.Event.
func (ParticipationEnabled) EventName() string { return "store.participation_enabled" }

// EventName implements es.Event.
func (ParticipationDisabled) EventName() string { return "store.participation_disabled" }

// StoreCodec knows all events of a store.
func StoreCodec() *es.Codec {
	return es.NewCodec(StoreCreated{}, StoreRebranded{}, ParticipationEnabled{}, ParticipationDisabled{})
}

// StoreState is what is known of a store. It is stored in snapshots: a change of its form raises Store.SnapshotSchema.
type StoreState struct {
	Name          string `json:"name"`
	Location      string `json:"location"` // where in the mall bots find it
	Participating bool   `json:"participating"`
}

// StoreView is a store as it was at one of its versions.
type StoreView struct {
	aggregate.Meta
	StoreState
}

// Store is a shop of the mall.
type Store struct {
	es.Root
	state StoreState
}

// CreateStore opens a store. It does not participate until it says so: its shelves are empty.
func CreateStore(id, name, location string, now time.Time) (*Store, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	if blank(location) {
		return nil, fault.BadField("location", "must not be blank")
	}
	s := &Store{Root: es.NewRoot(id)}
	es.Raise(s, StoreCreated{Name: name, Location: location}, now)
	return s, nil
}

// View is the store as it is now.
func (s *Store) View() StoreView { return StoreView{Meta: meta(&s.Root), StoreState: s.state} }

// Rebrand gives the store another name. The name that it has changes nothing.
func (s *Store) Rebrand(name string, now time.Time) error {
	if err := checkName(name); err != nil {
		return err
	}
	if name != s.state.Name {
		es.Raise(s, StoreRebranded{Name: name}, now)
	}
	return nil
}

// EnableParticipation lets customers buy from the store.
func (s *Store) EnableParticipation(now time.Time) error {
	if s.state.Participating {
		return ErrAlreadyParticipating
	}
	es.Raise(s, ParticipationEnabled{}, now)
	return nil
}

// DisableParticipation keeps customers from buying from the store. What orders have reserved stays theirs.
func (s *Store) DisableParticipation(now time.Time) error {
	if !s.state.Participating {
		return ErrNotParticipating
	}
	es.Raise(s, ParticipationDisabled{}, now)
	return nil
}

// Apply implements es.Aggregate.
func (s *Store) Apply(event es.Event) {
	switch e := event.(type) {
	case StoreCreated:
		s.state.Name, s.state.Location = e.Name, e.Location
	case StoreRebranded:
		s.state.Name = e.Name
	case ParticipationEnabled:
		s.state.Participating = true
	case ParticipationDisabled:
		s.state.Participating = false
	}
}

// Snapshot implements es.Snapshotter.
func (s *Store) Snapshot() any { return s.state }

// Restore implements es.Snapshotter.
func (s *Store) Restore(decode func(into any) error) error { return decode(&s.state) }

// SnapshotSchema implements es.Snapshotter.
func (*Store) SnapshotSchema() int { return 1 }

func meta(root *es.Root) aggregate.Meta {
	return aggregate.Meta{ID: root.ID(), Version: root.Version(), CreatedAt: root.CreatedAt(), UpdatedAt: root.UpdatedAt()}
}

// checkName holds for stores and products: what customers can't read they can't choose.
func checkName(name string) error {
	if blank(name) {
		return fault.BadField("name", "must not be blank")
	}
	return nil
}

func blank(text string) bool { return strings.TrimSpace(text) == "" }
