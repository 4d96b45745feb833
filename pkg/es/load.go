package es

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/store"
)

// ErrNotFound says that an aggregate has no events. It comes as a fault too, of kind fault.NotFound and with the aggregate's kind in
// the reason (ORDER_NOT_FOUND), so that a use case can pass it on as it is.
var ErrNotFound = errors.New("es: no such aggregate")

// noSnapshot is a snapshot schema that no stored snapshot has.
const noSnapshot = 0

// One round trip: the snapshot, if there is one of this schema, as a row without a name, then the events after it.
const selectLife = `
SELECT version, '' AS name, schema_version, state AS data, created_at, updated_at
  FROM snapshots WHERE aggregate_kind = $1 AND aggregate_id = $2 AND schema_version = $3
UNION ALL
SELECT version, name, schema_version, data, recorded_at, recorded_at
  FROM events WHERE aggregate_kind = $1 AND aggregate_id = $2 AND version > COALESCE(
       (SELECT version FROM snapshots WHERE aggregate_kind = $1 AND aggregate_id = $2 AND schema_version = $3), 0)
ORDER BY version`

// lifeRow is a row of selectLife.
type lifeRow struct {
	version              int64
	name                 string // empty for a snapshot
	schema               int
	data                 []byte
	createdAt, updatedAt time.Time
}

// Load gives the aggregate as of now, with what this unit of work has saved; ErrNotFound when nothing ever happened to it.
func (r *Repository[A]) Load(ctx context.Context, tx *store.Tx, id string) (A, error) {
	var none A
	a := r.fresh()
	root := a.root()
	*root = NewRoot(id)
	schema := noSnapshot
	snapshotter, ok := any(a).(Snapshotter)
	if ok {
		schema = snapshotter.SnapshotSchema()
	}
	rows, err := tx.Query(ctx, selectLife, r.kind, id, schema)
	if err != nil {
		return none, fmt.Errorf("load %s %s: %w", r.kind, id, err)
	}
	defer rows.Close() // the read error is in Err
	for rows.Next() {
		var row lifeRow
		if err := rows.Scan(&row.version, &row.name, &row.schema, &row.data, &row.createdAt, &row.updatedAt); err != nil {
			return none, fmt.Errorf("load %s %s: %w", r.kind, id, err)
		}
		if row.name == "" {
			err = restore(snapshotter, root, row)
		} else {
			err = r.replay(a, row)
		}
		if err != nil {
			return none, fmt.Errorf("load %s %s: version %d: %w", r.kind, id, row.version, err)
		}
	}
	if err := rows.Err(); err != nil {
		return none, fmt.Errorf("load %s %s: %w", r.kind, id, err)
	}
	if root.version == 0 {
		return none, notFound{fault.Missing(strings.ToUpper(r.kind)+"_NOT_FOUND", "there is no %s %s", r.kind, id)}
	}
	return a, nil
}

func (r *Repository[A]) replay(a A, row lifeRow) error {
	// Events are never deleted one by one; state computed without one of them would be wrong in silence.
	if row.version != a.root().version+1 {
		return fmt.Errorf("follows version %d: events are missing", a.root().version)
	}
	event, err := r.codec.Decode(row.name, row.schema, row.data)
	if err != nil {
		return err
	}
	advance(a, Recorded{Event: event, Version: row.version, At: row.updatedAt})
	return nil
}

// restore sets the root after the state: an aggregate may overwrite the whole of itself.
func restore(s Snapshotter, root *Root, row lifeRow) error {
	id := root.id
	if err := s.Restore(func(into any) error { return json.Unmarshal(row.data, into) }); err != nil {
		return fmt.Errorf("snapshot: %v", err) //nolint:errorlint // never a fault, see Codec.Decode
	}
	*root = Root{id: id, version: row.version, snapshot: row.version, createdAt: row.createdAt, updatedAt: row.updatedAt}
	return nil
}

// notFound is a fault that is ErrNotFound too.
type notFound struct{ refusal *fault.Error }

// Error implements error.
func (n notFound) Error() string { return n.refusal.Error() }

// Is makes errors.Is(err, ErrNotFound) true.
func (n notFound) Is(target error) bool { return target == ErrNotFound }

// Unwrap makes fault.As find the fault.
func (n notFound) Unwrap() error { return n.refusal }
