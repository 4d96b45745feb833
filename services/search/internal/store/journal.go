package store

import (
	"context"
	"time"

	"mallbots.example/pkg/store"
	"mallbots.example/services/search/internal/app"
)

// Journal implements app.Journal.
type Journal struct{}

// heldKey is where a unit of work that has appended to the journal remembers the generations, which can't change under it.
type heldKey struct{}

const appendEvent = `INSERT INTO order_events (order_id, version, type, payload, projection, recorded_at)
	VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (order_id, version) DO NOTHING`

// Append implements app.Journal. The first event of a unit of work is not put off to the commit: from when it is here, the foreign key
// keeps the generations as they are, and they can be read. The others cost no round trip.
func (Journal) Append(ctx context.Context, tx *store.Tx, event app.Event, now time.Time) ([]app.Generation, error) {
	args := []any{event.OrderID, event.Version, event.Type, event.Payload, projection, now}
	held := tx.Attach(heldKey{}, func() any { return &[]app.Generation{} }).(*[]app.Generation)
	if len(*held) > 0 {
		tx.Queue(appendEvent, args...)
		return *held, nil
	}
	inserted, err := tx.Exec(ctx, appendEvent, args...)
	if err != nil || inserted == 0 {
		return nil, err
	}
	state, err := readState(ctx, tx, "")
	if err != nil {
		return nil, err
	}
	*held = state.Written()
	return *held, nil
}

// Read implements app.Journal.
func (Journal) Read(ctx context.Context, tx *store.Tx, after app.Event, limit int) ([]app.Event, error) {
	return store.All(ctx, tx, scanEvent, `SELECT order_id, version, type, payload FROM order_events
		WHERE (order_id, version) > ($1, $2) ORDER BY order_id, version LIMIT $3`, after.OrderID, after.Version, limit)
}

func scanEvent(row *store.Rows) (event app.Event, err error) {
	return event, row.Scan(&event.OrderID, &event.Version, &event.Type, &event.Payload)
}
