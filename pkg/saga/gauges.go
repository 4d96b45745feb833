package saga

import (
	"context"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"mallbots.example/pkg/gauge"
	"mallbots.example/pkg/store"
)

// Gauges tells how many sagas are under way, by state, and how many of them are overdue (see Overdue). It costs one query of those that
// have not ended.
func (o *Orchestrator[D]) Gauges() gauge.Source {
	open := prometheus.NewDesc("sagas_open", "Sagas that have not ended; the same from every replica.", []string{"saga", "state"}, nil)
	overdue := prometheus.NewDesc("sagas_overdue",
		"Sagas that stand at one step for far longer than a step takes; the same from every replica.", []string{"saga"}, nil)
	return gauge.Source{
		Name: "sagas of " + o.def.Name, Descs: []*prometheus.Desc{open, overdue},
		Look: func(ctx context.Context) (figures []prometheus.Metric, err error) {
			c, err := o.count(ctx)
			if err != nil {
				return nil, err
			}
			return []prometheus.Metric{
				gauge.Of(open, float64(c.running), o.def.Name, string(StateRunning)),
				gauge.Of(open, float64(c.compensating), o.def.Name, string(StateCompensating)),
				gauge.Of(overdue, float64(c.overdue), o.def.Name),
			}, nil
		},
	}
}

// counts are sagas that have not ended.
type counts struct{ running, compensating, overdue int64 }

func (o *Orchestrator[D]) count(ctx context.Context) (c counts, err error) {
	late := o.cfg.Clock.Now().Add(-o.cfg.OverdueAfter)
	err = o.cfg.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, fmt.Sprintf(`SELECT COUNT(*) FILTER (WHERE state = '%s'), COUNT(*) FILTER (WHERE state = '%s'),
				COUNT(*) FILTER (WHERE step_at < $2)
			FROM sagas WHERE name = $1 AND deadline_at IS NOT NULL`, StateRunning, StateCompensating), o.def.Name, late).
			Scan(&c.running, &c.compensating, &c.overdue)
	})
	return c, err
}
