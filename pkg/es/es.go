// Package es keeps aggregates as the events that happened to them: the events are the truth, the aggregate's state is what they add up to.
//
// An aggregate embeds Root, changes only in Apply, and raises its events with Raise:
//
//	func (o *Order) Approve(now time.Time) error {
//		if o.status != pending {
//			return fault.Refuse(…)
//		}
//		es.Raise(o, OrderApproved{…}, now)
//		return nil
//	}
//
// A Repository loads and saves it inside a unit of work of pkg/store. Two units that change one aggregate at the same time conflict
// on its version; the second runs again and sees the first. See the example.
package es

import (
	"slices"
	"time"
)

// Event is a fact of the domain: a plain struct with json tags. It is stored under its name for good, so the name never changes
// ("order.approved"), and EventName must answer for the zero value.
type Event interface{ EventName() string }

// Recorded is an event with its place in the life of the aggregate.
type Recorded struct {
	Event   Event
	Version int64     // 1 is the aggregate's first event; each has the next number
	At      time.Time // UTC, whole microseconds
}

// Aggregate is what a Repository keeps: a pointer to a struct that embeds Root.
type Aggregate interface {
	// Apply changes the state as the event says. It checks no rule and can't fail: what it is given has happened. It belongs to
	// Raise and the repository; nothing else calls it.
	Apply(event Event)

	root() *Root // by embedding Root
}

// Snapshotter is an Aggregate whose state can be stored, so that a long life need not be replayed at every load.
type Snapshotter interface {
	// Snapshot gives the state as a value that encoding/json can write and read: a struct of its own, not the aggregate.
	Snapshot() any
	// Restore puts back the state of a Snapshot into an empty aggregate; decode reads it, as json.Unmarshal does.
	Restore(decode func(into any) error) error
	// SnapshotSchema numbers the form of Snapshot, from 1. Raise it with every change of the form or of what Apply computes: stored
	// snapshots of another number are ignored, and the aggregate is replayed from its events.
	SnapshotSchema() int
}

// Root is what all aggregates have in common. It belongs to one goroutine, as does the aggregate that embeds it.
type Root struct {
	id        string
	version   int64
	createdAt time.Time
	updatedAt time.Time
	changes   []Recorded
	snapshot  int64 // the version of the stored snapshot it was loaded from, 0 for none
}

// NewRoot is the root of an aggregate that does not exist yet.
func NewRoot(id string) Root { return Root{id: id} }

// ID identifies the aggregate among those of its kind.
func (r *Root) ID() string { return r.id }

// Version counts the events so far, saved or not; 0 is an aggregate to which nothing has happened.
func (r *Root) Version() int64 { return r.version }

// CreatedAt is the time of the first event.
func (r *Root) CreatedAt() time.Time { return r.createdAt }

// UpdatedAt is the time of the last event.
func (r *Root) UpdatedAt() time.Time { return r.updatedAt }

// Changes are the events that are not committed yet, oldest first. Save leaves them here until the commit, so that a use case can
// turn them into messages before or after it saves.
func (r *Root) Changes() []Recorded { return slices.Clone(r.changes) }

func (r *Root) root() *Root { return r } //nolint:unused // this is how an aggregate is one

// Raise makes event happen to a: applies it, and records it until it is saved.
func Raise(a Aggregate, event Event, at time.Time) {
	r := a.root()
	// Databases keep microseconds: an aggregate must tell the same times before and after it was stored.
	recorded := Recorded{Event: event, Version: r.version + 1, At: at.UTC().Truncate(time.Microsecond)}
	advance(a, recorded)
	r.changes = append(r.changes, recorded)
}

// advance is how an event takes effect, the first time and at each replay. The root comes first, so that Apply sees the event's own
// version and time.
func advance(a Aggregate, recorded Recorded) {
	r := a.root()
	if r.version == 0 {
		r.createdAt = recorded.At
	}
	r.version, r.updatedAt = recorded.Version, recorded.At
	a.Apply(recorded.Event)
}
