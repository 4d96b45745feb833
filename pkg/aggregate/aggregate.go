// Package aggregate is what aggregates that are kept as one row each have in common. For event-sourced ones see package es.
package aggregate

import "time"

// Meta is the identity, the version and the times of an aggregate.
type Meta struct {
	ID string
	// Version counts the changes, from 1.
	Version   int64
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Root is embedded by an aggregate: it knows what happened to it since it was loaded. E names what can happen.
type Root[E any] struct {
	meta   Meta
	stored int64
	events []E
}

// New is the root of an aggregate that does not exist yet; the first Record creates it.
func New[E any](id string) Root[E] { return Root[E]{meta: Meta{ID: id}} }

// Restored is the root of an aggregate that was read from its row.
func Restored[E any](meta Meta) Root[E] { return Root[E]{meta: meta, stored: meta.Version} }

// Record notes that event happened at now: one change, one version.
func (r *Root[E]) Record(event E, now time.Time) {
	if r.meta.Version == 0 {
		r.meta.CreatedAt = now
	}
	r.meta.Version++
	r.meta.UpdatedAt = now
	r.events = append(r.events, event)
}

// ID identifies the aggregate.
func (r *Root[E]) ID() string { return r.meta.ID }

// Meta is its identity, version and times as they are now.
func (r *Root[E]) Meta() Meta { return r.meta }

// StoredVersion is the version of its row, 0 when it has none yet: the one that a repository expects to find when it writes.
func (r *Root[E]) StoredVersion() int64 { return r.stored }

// Events are what happened since it was loaded, in order.
func (r *Root[E]) Events() []E { return r.events }
