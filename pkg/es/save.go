package es

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"mallbots.example/pkg/store"
)

// maxChanges of one aggregate in one Save: one INSERT takes them, and SQLite allows it 32,766 parameters, of which each event needs
// five. A use case that raises more has lost its way.
const maxChanges = 1000

const upsertSnapshot = `
INSERT INTO snapshots (aggregate_kind, aggregate_id, version, schema_version, state, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (aggregate_kind, aggregate_id) DO UPDATE SET version = excluded.version, schema_version = excluded.schema_version,
    state = excluded.state, created_at = excluded.created_at, updated_at = excluded.updated_at`

// Save appends what happened to the aggregate since it was loaded or made, and from time to time its snapshot, to the unit of work. If
// another unit did so first, the commit meets a conflict and the unit runs again (store.Do). The aggregate can change further and be
// saved again in the same unit.
func (r *Repository[A]) Save(_ context.Context, tx *store.Tx, a A) error {
	root := a.root()
	saved := savedOf(tx, root)
	changes := root.changes[saved.changes:]
	if len(changes) == 0 {
		return nil
	}
	if root.id == "" {
		return fmt.Errorf("save %s: it has no id", r.kind)
	}
	if len(changes) > maxChanges {
		return fmt.Errorf("save %s %s: %d events at once, more than %d", r.kind, root.id, len(changes), maxChanges)
	}
	insert, args, err := r.insertEvents(root.id, changes)
	if err != nil {
		return fmt.Errorf("save %s %s: %w", r.kind, root.id, err)
	}
	tx.Queue(insert, args...)
	saved.changes = len(root.changes)
	if s, ok := any(a).(Snapshotter); ok && root.version-saved.snapshot >= r.options.snapshotEvery {
		state, err := json.Marshal(s.Snapshot())
		if err != nil {
			return fmt.Errorf("save %s %s: snapshot: %w", r.kind, root.id, err)
		}
		tx.Queue(upsertSnapshot,
			r.kind, root.id, root.version, s.SnapshotSchema(), string(state), root.createdAt, root.updatedAt)
		saved.snapshot = root.version
	}
	return nil
}

// insertEvents is one INSERT for all changes. Parameters first appear in the order of their numbers, as SQLite wants it.
func (r *Repository[A]) insertEvents(id string, changes []Recorded) (string, []any, error) {
	var insert strings.Builder
	insert.WriteString(
		`INSERT INTO events (aggregate_kind, aggregate_id, version, name, schema_version, data, recorded_at) VALUES `)
	args := []any{r.kind, id}
	for i, change := range changes {
		data, schema, err := r.codec.Encode(change.Event)
		if err != nil {
			return "", nil, err
		}
		if i > 0 {
			insert.WriteString(", ")
		}
		n := len(args)
		fmt.Fprintf(&insert, "($1, $2, $%d, $%d, $%d, $%d, $%d)", n+1, n+2, n+3, n+4, n+5)
		args = append(args, change.Version, change.Event.EventName(), schema, string(data), change.At)
	}
	return insert.String(), args, nil
}

// saved is how much of an aggregate a unit of work has queued. It belongs to the unit and not to the aggregate: when the unit is rolled
// back, an aggregate that was made outside of it still has all its changes.
type saved struct {
	changes  int   // of Root.changes
	snapshot int64 // version of the last snapshot, stored or queued
}

type unitKey struct{}

// savedOf gives what tx has queued of an aggregate; once tx is committed, the aggregate forgets these changes.
func savedOf(tx *store.Tx, root *Root) *saved {
	unit := tx.Attach(unitKey{}, func() any { return map[*Root]*saved{} }).(map[*Root]*saved)
	if s := unit[root]; s != nil {
		return s
	}
	s := &saved{snapshot: root.snapshot}
	unit[root] = s
	tx.OnCommit(func() {
		root.changes = append([]Recorded(nil), root.changes[s.changes:]...) // lets go of what is saved
		root.snapshot = s.snapshot
	})
	return s
}
