package es

import (
	"context"
	"fmt"

	"mallbots.example/pkg/store"
)

// maxPage of Events: a thousand events of a kilobyte are a megabyte in memory.
const maxPage = 1000

// Stored is an event as it is in the database.
type Stored struct {
	ID string // of the aggregate
	Recorded
}

const selectPage = `
SELECT aggregate_id, version, name, schema_version, data, recorded_at FROM events
 WHERE aggregate_kind = $1 AND (aggregate_id, version) > ($2, $3) ORDER BY aggregate_id, version LIMIT $4`

// Events pages through the events of all aggregates of the kind, to build a projection anew: aggregate after aggregate in the order of
// their ids, each from its first event. after is the last event of the page before, or the zero Stored. A page has at most limit events,
// one at least and 1000 at most; an empty one is the end. Events that others append meanwhile to aggregates already passed are not seen: a
// projection must get them as it gets its news otherwise, and know them by their version.
func (r *Repository[A]) Events(ctx context.Context, tx *store.Tx, after Stored, limit int) ([]Stored, error) {
	page, err := store.All(ctx, tx, func(row *store.Rows) (s Stored, err error) {
		var name string
		var schema int
		var data []byte
		if err := row.Scan(&s.ID, &s.Version, &name, &schema, &data, &s.At); err != nil {
			return s, err
		}
		if s.Event, err = r.codec.Decode(name, schema, data); err != nil {
			return s, fmt.Errorf("%s: version %d: %w", s.ID, s.Version, err)
		}
		return s, nil
	}, selectPage, r.kind, after.ID, after.Version, min(max(limit, 1), maxPage))
	if err != nil {
		return nil, fmt.Errorf("events of %s: %w", r.kind, err)
	}
	return page, nil
}
