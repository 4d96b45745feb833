package message

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"mallbots.example/pkg/gauge"
	"mallbots.example/pkg/store"
)

// Gauges tells how many messages were put off and how many were given up. Both tables are almost always empty.
func (c *Consumer) Gauges() gauge.Source {
	deferred := prometheus.NewDesc("messages_deferred",
		"Messages that failed and wait to be tried again; the same from every replica.", nil, nil)
	age := prometheus.NewDesc("messages_deferred_oldest_age_seconds",
		"How long ago the first of them failed first, 0 when there is none; the same from every replica.", nil, nil)
	dead := prometheus.NewDesc("messages_dead",
		"Dead letters: messages that were given up and wait for an operator; the same from every replica.", nil, nil)
	return gauge.Source{
		Name: "failed messages", Descs: []*prometheus.Desc{deferred, age, dead},
		Look: func(ctx context.Context) ([]prometheus.Metric, error) {
			p, err := c.parked(ctx)
			if err != nil {
				return nil, err
			}
			return []prometheus.Metric{
				gauge.Of(deferred, float64(p.deferred)), gauge.Of(age, gauge.Age(c.cfg.Clock.Now(), p.since)), gauge.Of(dead, float64(p.dead)),
			}, nil
		},
	}
}

// parked is what failed so far.
type parked struct {
	deferred, dead int64
	since          time.Time // the first failure of the oldest deferred message; zero when there is none
}

func (c *Consumer) parked(ctx context.Context) (p parked, err error) {
	err = c.cfg.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		err := tx.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM deferred), (SELECT COUNT(*) FROM dead_letters)`).Scan(&p.deferred, &p.dead)
		if err != nil {
			return err
		}
		oldest, err := store.All(ctx, tx, func(row *store.Rows) (at time.Time, err error) { return at, row.Scan(&at) },
			`SELECT first_at FROM deferred ORDER BY first_at LIMIT 1`)
		if len(oldest) > 0 {
			p.since = oldest[0]
		}
		return err
	})
	return p, err
}
