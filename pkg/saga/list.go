package saga

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/store"
)

// Filter picks sagas. Empty fields pick all.
type Filter struct {
	Name  string
	State State
	// StuckSince picks sagas that have not ended and have been at their step since before this.
	StuckSince time.Time
}

// Page is a part of a list, newest first.
type Page struct {
	Size  int    // default 50, at most 500
	After Cursor // of the last saga of the page before; zero: from the beginning
}

// Cursor is a place in a list.
type Cursor struct {
	CreatedAt time.Time
	Name, ID  string
}

// Cursor is the saga's place in a list.
func (s Saga) Cursor() Cursor { return Cursor{CreatedAt: s.CreatedAt, Name: s.Name, ID: s.ID} }

const (
	defaultPage = 50
	maxPage     = 500
)

// NotFoundReason is the reason of the fault that Show gives for a saga that there is not.
const NotFoundReason = "SAGA_NOT_FOUND"

// List gives a page of the sagas of a service, newest first.
func List(ctx context.Context, tx *store.Tx, filter Filter, page Page) ([]Saga, error) {
	where := []string{`TRUE`}
	var args []any
	add := func(condition string, values ...any) {
		for _, value := range values {
			args = append(args, value)
			condition = strings.Replace(condition, "?", fmt.Sprintf("$%d", len(args)), 1)
		}
		where = append(where, condition)
	}
	if filter.Name != "" {
		add(`name = ?`, filter.Name)
	}
	if filter.State != "" {
		add(`state = ?`, string(filter.State))
	}
	if !filter.StuckSince.IsZero() {
		add(`deadline_at IS NOT NULL AND step_at < ?`, filter.StuckSince)
	}
	if page.After != (Cursor{}) {
		add(`(created_at, name, id) < (?, ?, ?)`, page.After.CreatedAt, page.After.Name, page.After.ID)
	}
	if page.Size <= 0 {
		page.Size = defaultPage
	}
	args = append(args, min(page.Size, maxPage))
	return store.All(ctx, tx, func(row *store.Rows) (Saga, error) { return scan(row) },
		fmt.Sprintf(`SELECT %s FROM sagas WHERE %s ORDER BY created_at DESC, name DESC, id DESC LIMIT $%d`,
			columns, strings.Join(where, " AND "), len(args)), args...)
}

// Show gives one saga and its history, or a fault.NotFound.
func Show(ctx context.Context, tx *store.Tx, name, id string) (Saga, []Entry, error) {
	saga, err := load(ctx, tx, name, id)
	if errors.Is(err, store.ErrNoRows) {
		return Saga{}, nil, fault.Missing(NotFoundReason, "there is no saga %s of %s", name, id)
	}
	if err != nil {
		return Saga{}, nil, err
	}
	history, err := store.All(ctx, tx, func(row *store.Rows) (e Entry, err error) {
		return e, row.Scan(&e.Seq, &e.At, &e.What, &e.Step, &e.Detail)
	}, `SELECT seq, at, what, step, detail FROM saga_history WHERE name = $1 AND id = $2 ORDER BY seq`, name, id)
	return saga, history, err
}

// Overdue counts the sagas that stand at one step for longer than Config.OverdueAfter: a service is away, refuses a compensation, or
// has the command among its dead letters.
func (o *Orchestrator[D]) Overdue(ctx context.Context, tx *store.Tx) (n int, err error) {
	err = tx.QueryRow(ctx, `SELECT count(*) FROM sagas WHERE name = $1 AND deadline_at IS NOT NULL AND step_at < $2`,
		o.def.Name, o.cfg.Clock.Now().Add(-o.cfg.OverdueAfter)).Scan(&n)
	return n, err
}
