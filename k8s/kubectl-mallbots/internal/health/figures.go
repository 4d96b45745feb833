// Package health judges how a mall does: by the replicas that are ready, and by the figures that each service tells in its metrics.
package health

import (
	"fmt"
	"io"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Figures are what one service has told. A figure is nil where the service has none: one without a database has no outbox.
type Figures struct {
	Waiting  *int64 `json:"messagesWaiting,omitempty"`  // in streams, not read or not acknowledged
	Unsent   *int64 `json:"messagesUnsent,omitempty"`   // in the outbox
	Deferred *int64 `json:"messagesDeferred,omitempty"` // failed, to be tried again
	Dead     *int64 `json:"deadLetters,omitempty"`      // failed for good
	Sagas    *int64 `json:"sagasOpen,omitempty"`
	Overdue  *int64 `json:"sagasOverdue,omitempty"`

	// For how many seconds the oldest message of its kind has waited; 0 when none does.
	WaitingAge  float64 `json:"waitingOldestSeconds"`
	UnsentAge   float64 `json:"unsentOldestSeconds"`
	DeferredAge float64 `json:"deferredOldestSeconds"`
}

// Parse reads the figures out of one pod's metrics, in Prometheus' text format. What is told by topic or by saga is added up; of ages the
// oldest counts.
func Parse(metrics io.Reader) (Figures, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(metrics)
	if err != nil {
		return Figures{}, fmt.Errorf("not in Prometheus' text format: %w", err)
	}
	sum := func(name string) *int64 {
		samples := families[name].GetMetric()
		if len(samples) == 0 {
			return nil
		}
		var total int64
		for _, sample := range samples {
			total += int64(value(sample))
		}
		return &total
	}
	oldest := func(name string) (seconds float64) {
		for _, sample := range families[name].GetMetric() {
			seconds = max(seconds, value(sample))
		}
		return seconds
	}
	return Figures{
		Waiting: sum("messages_waiting"), Unsent: sum("outbox_unsent_messages"),
		Deferred: sum("messages_deferred"), Dead: sum("messages_dead"), Sagas: sum("sagas_open"), Overdue: sum("sagas_overdue"),
		WaitingAge: oldest("messages_waiting_oldest_age_seconds"), UnsentAge: oldest("outbox_unsent_oldest_age_seconds"),
		DeferredAge: oldest("messages_deferred_oldest_age_seconds"),
	}, nil
}

// value of a gauge. A sample without a type is one too.
func value(sample *dto.Metric) float64 {
	if sample.GetUntyped() != nil {
		return sample.GetUntyped().GetValue()
	}
	return sample.GetGauge().GetValue()
}

// Join takes of each figure the greater one: every replica of a service asks the same database and Redis, up to some seconds earlier or
// later, and what was worst in them is what to look at.
func (f Figures) Join(other Figures) Figures {
	return Figures{
		Waiting: greater(f.Waiting, other.Waiting), Unsent: greater(f.Unsent, other.Unsent), Deferred: greater(f.Deferred, other.Deferred),
		Dead: greater(f.Dead, other.Dead), Sagas: greater(f.Sagas, other.Sagas), Overdue: greater(f.Overdue, other.Overdue),
		WaitingAge: max(f.WaitingAge, other.WaitingAge), UnsentAge: max(f.UnsentAge, other.UnsentAge),
		DeferredAge: max(f.DeferredAge, other.DeferredAge),
	}
}

func greater(a, b *int64) *int64 {
	if a == nil || b != nil && *b > *a {
		return b
	}
	return a
}
