package message

import (
	"context"
	"embed"
	"fmt"
	"strings"
	"time"

	"mallbots.example/pkg/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema holds the tables of a consumer: inbox, deferred, dead_letters.
var Schema = store.NewSchema("message", migrations)

// markHandled puts the ids into the inbox and gives those that were not there yet. When two replicas have the same message at the same
// time, the second waits for the first one's commit and then finds the id.
func markHandled(ctx context.Context, tx *store.Tx, now time.Time, ids []string) (map[string]bool, error) {
	values := make([]string, len(ids))
	args := []any{now}
	for i, id := range ids {
		args = append(args, id)
		values[i] = fmt.Sprintf("($%d, $1)", len(args))
	}
	fresh, err := store.All(ctx, tx, func(row *store.Rows) (id string, err error) { return id, row.Scan(&id) },
		`INSERT INTO inbox (message_id, handled_at) VALUES `+strings.Join(values, ", ")+` ON CONFLICT (message_id) DO NOTHING RETURNING message_id`, args...)
	if err != nil {
		return nil, err
	}
	set := make(map[string]bool, len(fresh))
	for _, id := range fresh {
		set[id] = true
	}
	return set, nil
}

// inboxRetention must be longer than every outbox keeps what it sent (72 h by default): after a loss of Redis it sends that again.
const inboxRetention = 7 * 24 * time.Hour

// pruneInbox forgets messages that no outbox can send again.
func pruneInbox(ctx context.Context, db *store.DB, now time.Time) error {
	return db.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM inbox WHERE handled_at < $1`, now.Add(-inboxRetention))
		return err
	})
}
