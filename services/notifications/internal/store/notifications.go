// Package store keeps notifications, a row each.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"strings"
	"time"

	"mallbots.example/pkg/aggregate"
	"mallbots.example/pkg/store"
	"mallbots.example/services/notifications/internal/app"
	"mallbots.example/services/notifications/internal/domain"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Schema holds the table of notifications. That of their customers is people.Schema.
var Schema = store.NewSchema("notifications", migrations)

// Notifications implements app.Notifications.
type Notifications struct{}

const (
	columns = `id, version, customer_id, order_id, kind, sms_number, text, status, attempts, due_at, sent_at, failure, created_at, updated_at`
	// dueColumns are columns with the number that the customer has by now: one who has corrected it is reached by the next attempt.
	dueColumns = `id, version, customer_id, order_id, kind,
	COALESCE((SELECT p.sms_number FROM people p WHERE p.id = notifications.customer_id), sms_number),
	text, status, attempts, due_at, sent_at, failure, created_at, updated_at`
)

// Has implements app.Notifications.
func (Notifications) Has(ctx context.Context, tx *store.Tx, orderID string, kind domain.Kind) (bool, error) {
	var one int
	err := tx.QueryRow(ctx, `SELECT 1 FROM notifications WHERE order_id = $1 AND kind = $2`, orderID, string(kind)).Scan(&one)
	if errors.Is(err, store.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// Get implements app.Notifications.
func (Notifications) Get(ctx context.Context, tx *store.Tx, ids []string) ([]*domain.Notification, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	places, args := make([]string, len(ids)), make([]any, len(ids))
	for i, id := range ids {
		places[i], args[i] = fmt.Sprintf("$%d", i+1), id
	}
	return all(ctx, tx, `SELECT `+columns+` FROM notifications WHERE id IN (`+strings.Join(places, ", ")+`) ORDER BY id`, args...)
}

// List implements app.Notifications. Ids are UUIDv7: their order is that of creation. Only the filters that are set are in the query, so
// that each has its index.
func (Notifications) List(ctx context.Context, tx *store.Tx, filter app.Filter, after string, limit int) ([]*domain.Notification, error) {
	conditions, args := []string{`TRUE`}, []any{limit}
	where := func(condition, value string) {
		if value != "" {
			args = append(args, value)
			conditions = append(conditions, fmt.Sprintf(condition, len(args)))
		}
	}
	where(`customer_id = $%d`, filter.CustomerID)
	where(`order_id = $%d`, filter.OrderID)
	where(`id < $%d`, after)
	return all(ctx, tx, `SELECT `+columns+` FROM notifications WHERE `+strings.Join(conditions, ` AND `)+` ORDER BY id DESC LIMIT $1`, args...)
}

// TakeDue implements app.Notifications.
func (Notifications) TakeDue(ctx context.Context, tx *store.Tx, now time.Time, limit int) ([]*domain.Notification, error) {
	return all(ctx, tx, `SELECT `+dueColumns+` FROM notifications WHERE status = 'queued' AND due_at <= $1 ORDER BY due_at, id LIMIT $2`+
		tx.SkipLocked(), now, limit)
}

// NextDue implements app.Notifications.
func (Notifications) NextDue(ctx context.Context, tx *store.Tx) (at time.Time, found bool, err error) {
	err = tx.QueryRow(ctx, `SELECT due_at FROM notifications WHERE status = 'queued' ORDER BY due_at, id LIMIT 1`).Scan(&at)
	if errors.Is(err, store.ErrNoRows) {
		return time.Time{}, false, nil
	}
	return at, err == nil, err
}

// Save implements app.Notifications. Of two replicas that make the same notification at the same time, one's is kept.
func (Notifications) Save(tx *store.Tx, n *domain.Notification) {
	if len(n.Events()) == 0 {
		return
	}
	state, meta := n.State(), n.Meta()
	sentAt := sql.Null[time.Time]{V: state.SentAt, Valid: !state.SentAt.IsZero()}
	if n.StoredVersion() == 0 {
		tx.Queue(`INSERT INTO notifications (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
			ON CONFLICT (order_id, kind) DO NOTHING`,
			meta.ID, meta.Version, state.CustomerID, state.OrderID, string(state.Kind), state.SmsNumber, state.Text, string(state.Status),
			state.Attempts, state.DueAt, sentAt, state.Failure, meta.CreatedAt, meta.UpdatedAt)
		return
	}
	tx.QueueOne(store.ErrConflict, `UPDATE notifications SET version = $3, sms_number = $4, status = $5, attempts = $6, due_at = $7,
			sent_at = $8, failure = $9, updated_at = $10 WHERE id = $1 AND version = $2`,
		meta.ID, n.StoredVersion(), meta.Version, state.SmsNumber, string(state.Status), state.Attempts, state.DueAt, sentAt, state.Failure,
		meta.UpdatedAt)
}

func all(ctx context.Context, tx *store.Tx, query string, args ...any) ([]*domain.Notification, error) {
	return store.All(ctx, tx, func(row *store.Rows) (*domain.Notification, error) { return scan(row) }, query, args...)
}

func scan(row store.Scanner) (*domain.Notification, error) {
	var meta aggregate.Meta
	var state domain.State
	var sentAt sql.Null[time.Time]
	err := row.Scan(&meta.ID, &meta.Version, &state.CustomerID, &state.OrderID, &state.Kind, &state.SmsNumber, &state.Text, &state.Status,
		&state.Attempts, &state.DueAt, &sentAt, &state.Failure, &meta.CreatedAt, &meta.UpdatedAt)
	if err != nil {
		return nil, err
	}
	state.SentAt = sentAt.V
	return domain.Restore(meta, state), nil
}
