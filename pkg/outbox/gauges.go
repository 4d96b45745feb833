package outbox

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"mallbots.example/pkg/gauge"
)

// Gauges tells the backlog: what is not known to be sent. It costs one query of an index that is almost always empty.
func (o *Outbox) Gauges() gauge.Source {
	unsent := prometheus.NewDesc("outbox_unsent_messages",
		"Messages that are committed and not known to be sent; the same from every replica.", nil, nil)
	age := prometheus.NewDesc("outbox_unsent_oldest_age_seconds",
		"For how long the oldest of them has waited, 0 when there is none; the same from every replica.", nil, nil)
	return gauge.Source{
		Name: "outbox", Descs: []*prometheus.Desc{unsent, age},
		Look: func(ctx context.Context) ([]prometheus.Metric, error) {
			n, oldest, err := o.Backlog(ctx)
			if err != nil {
				return nil, err
			}
			return []prometheus.Metric{gauge.Of(unsent, float64(n)), gauge.Of(age, gauge.Age(o.cfg.Clock.Now(), oldest))}, nil
		},
	}
}
