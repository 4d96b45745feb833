package saga

import (
	"context"
	"time"

	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
)

const (
	// lookEvery is how often RunTimers looks for deadlines: small against the seconds that they are long, and one probe of an index.
	lookEvery = time.Second
	// timersAtOnce is how many sagas share a unit of work, as consumers do with messages (P1 and P2 of the measured facts).
	timersAtOnce = 64
)

// RunTimers acts on deadlines that have passed, until ctx ends; then it returns nil. Any replica takes any saga, and none is taken
// twice. It goes on through errors, which are logged: a saga that can't be moved is put off and does not hold up the others.
func (o *Orchestrator[D]) RunTimers(ctx context.Context) error {
	look := o.cfg.Look
	if look == nil {
		ticker := time.NewTicker(lookEvery)
		defer ticker.Stop()
		look = ticker.C
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-look:
			if err := o.fireDue(ctx); err != nil && ctx.Err() == nil {
				o.cfg.Logger.ErrorContext(ctx, "saga timers could not look for deadlines", "error", err)
			}
		}
	}
}

// fireDue acts on every deadline that has passed by now.
func (o *Orchestrator[D]) fireDue(ctx context.Context) error {
	now := o.cfg.Clock.Now()
	for {
		var due []Saga
		err := o.cfg.DB.Do(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
			if due, err = o.due(ctx, tx, now); err != nil {
				return err
			}
			for _, saga := range due {
				if err := o.timeUp(ctx, tx, saga); err != nil {
					return err
				}
			}
			return nil
		})
		switch {
		case err != nil && (len(due) == 0 || store.Unavailable(err)):
			return err
		case err != nil:
			if err := o.fireEach(ctx, due, now); err != nil {
				return err
			}
		case len(due) < timersAtOnce:
			return nil
		}
	}
}

// fireEach gives each saga a unit of work of its own. One that fails is put off: it must neither hold up the others nor come back at once.
func (o *Orchestrator[D]) fireEach(ctx context.Context, due []Saga, now time.Time) error {
	for _, saga := range due {
		fired := false
		err := o.cfg.DB.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
			again, err := o.due(ctx, tx, now, saga.ID)
			if err != nil || len(again) == 0 {
				return err // answered, or taken by another replica
			}
			fired = true
			return o.timeUp(ctx, tx, again[0])
		})
		if err == nil {
			continue
		}
		if store.Unavailable(err) || !fired {
			return err
		}
		o.cfg.Logger.ErrorContext(ctx, "saga could not act on its deadline", "saga_id", saga.ID, "step", saga.Step, "error", err)
		if err := o.cfg.DB.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE sagas SET deadline_at = $4, version = version + 1 WHERE name = $1 AND id = $2 AND deadline_at <= $3`,
				o.def.Name, saga.ID, now, now.Add(o.cfg.MaxBackoff))
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// due takes sagas whose deadline has passed and that no other replica has taken.
func (o *Orchestrator[D]) due(ctx context.Context, tx *store.Tx, now time.Time, only ...string) ([]Saga, error) {
	query, args := `SELECT `+columns+` FROM sagas WHERE name = $1 AND deadline_at <= $2`, []any{o.def.Name, now}
	if len(only) == 1 {
		query, args = query+` AND id = $4`, append(args, 1, only[0])
	} else {
		args = append(args, timersAtOnce)
	}
	return store.All(ctx, tx, func(row *store.Rows) (Saga, error) { return scan(row) },
		query+` ORDER BY deadline_at, id LIMIT $3`+tx.SkipLocked(), args...)
}

func (o *Orchestrator[D]) timeUp(ctx context.Context, tx *store.Tx, saga Saga) error {
	// What is sent now belongs to the request that set the saga off, though no message is being handled.
	ctx = message.WithCause(ctx, message.Meta{CorrelationID: saga.CorrelationID})
	return store.Protect(func() error {
		return o.change(ctx, tx, saga, func(t *transition[D]) error { return t.timeUp() })
	})
}
