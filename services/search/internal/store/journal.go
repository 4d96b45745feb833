package store

import (
	"context"
	"time"

	"mallbots.example/pkg/store"
	"mallbots.example/services/search/internal/app"
)

// Journal implements app.Journal.
type Journal struct{}

// Append implements app.Journal. It is not put off to the commit: from here on, the foreign key keeps the generations as they are.
func (Journal) Append(ctx context.Context, tx *store.Tx, event app.Event, now time.Time) (bool, error) {
	inserted, err := tx.Exec(ctx, `INSERT INTO order_events (order_id, version, type, payload, projection, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (order_id, version) DO NOTHING`,
		event.OrderID, event.Version, event.Type, event.Payload, projection, now)
	return inserted == 1, err
}

// Read implements app.Journal.
func (Journal) Read(ctx context.Context, tx *store.Tx, after app.Event, limit int) ([]app.Event, error) {
	return store.All(ctx, tx, scanEvent, `SELECT order_id, version, type, payload FROM order_events
		WHERE (order_id, version) > ($1, $2) ORDER BY order_id, version LIMIT $3`, after.OrderID, after.Version, limit)
}

func scanEvent(row *store.Rows) (event app.Event, err error) {
	return event, row.Scan(&event.OrderID, &event.Version, &event.Type, &event.Payload)
}
