package outbox

import (
	"context"

	"mallbots.example/pkg/store"
)

// prune deletes the rows that were sent longer ago than the retention, in batches, so that no transaction is long and no replica waits
// for another. Unsent rows are kept however old they are.
func (o *Outbox) prune(ctx context.Context, _ bool) error {
	for {
		var deleted int64
		err := o.cfg.DB.Do(ctx, func(ctx context.Context, tx *store.Tx) error {
			var err error
			deleted, err = tx.Exec(ctx, `DELETE FROM outbox WHERE id IN (SELECT id FROM outbox
				WHERE sent_at < $1 ORDER BY sent_at LIMIT $2`+tx.SkipLocked()+`)`,
				o.cfg.Clock.Now().Add(-o.cfg.Retention), o.cfg.BatchSize)
			return err
		})
		if err != nil || deleted < int64(o.cfg.BatchSize) {
			return err
		}
	}
}
