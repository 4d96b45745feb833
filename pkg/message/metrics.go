package message

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// What became of a message; the values of the label result.
const (
	resultHandled  = "handled"
	resultCopy     = "copy"
	resultUnknown  = "unknown_type"
	resultRefused  = "refused"
	resultDeferred = "deferred"
	resultDead     = "dead"
)

// metrics of a consumer. The label type is bounded: only types with a handler are named.
type metrics struct {
	messages *prometheus.CounterVec
	duration prometheus.Histogram
	size     prometheus.Histogram
}

func newMetrics(registerer prometheus.Registerer) *metrics {
	m := &metrics{
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "messages_consumed_total", Help: "Messages by what became of them.",
		}, []string{"topic", "type", "result"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "message_batch_duration_seconds", Help: "From the start of a batch to its commit.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}),
		size: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "message_batch_size", Help: "Messages that shared a commit.", Buckets: []float64{1, 2, 4, 8, 16, 32, maxBatch},
		}),
	}
	if registerer != nil {
		registerer.MustRegister(m.messages, m.duration, m.size)
	}
	return m
}

func (m *metrics) count(topic, messageType, result string) {
	if result == resultUnknown {
		messageType = "" // whatever a sender makes up must not become a label
	}
	m.messages.WithLabelValues(topic, messageType, result).Inc()
}

func (m *metrics) batch(batch []*delivery, took time.Duration) {
	m.duration.Observe(took.Seconds())
	m.size.Observe(float64(len(batch)))
	for _, d := range batch {
		switch {
		case d.copy:
			m.count(d.topic, d.meta.Type, resultCopy)
		case d.result != "":
			m.count(d.topic, d.meta.Type, d.result)
		}
	}
}
