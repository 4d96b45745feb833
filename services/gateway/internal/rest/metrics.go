package rest

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// durationBuckets, in seconds, end at the deadline of a unary call.
var durationBuckets = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

const (
	// unknownRoute labels requests of paths that are nowhere: they come from outside and have no bound.
	unknownRoute = "unknown"
	pages        = "pages"
)

// metrics of the edge. Labels are bounded: the routes of the contracts, and the statuses that are answered with.
type metrics struct {
	requests *prometheus.CounterVec   // route, code
	duration *prometheus.HistogramVec // route; without streams: how long they live is up to the client
	inFlight *prometheus.GaugeVec     // kind: unary or stream
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "http_server_requests_total", Help: "Requests that ended, by route and HTTP status.",
		}, []string{"route", "code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "http_server_duration_seconds", Help: "Duration of requests by route, without streams.", Buckets: durationBuckets,
		}, []string{"route"}),
		inFlight: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "http_server_in_flight", Help: "Calls in flight by kind: unary or stream.",
		}, []string{"kind"}),
	}
	r.MustRegister(m.requests, m.duration, m.inFlight)
	return m
}

func (m *metrics) ended(x *exchange, took time.Duration) {
	name := x.name()
	m.requests.WithLabelValues(name, strconv.Itoa(x.status)).Inc()
	if x.route == nil || !x.route.streams {
		m.duration.WithLabelValues(name).Observe(took.Seconds())
	}
}

// name is what an exchange is called in metrics and logs.
func (x *exchange) name() string {
	switch {
	case x.route != nil:
		return x.route.name()
	case x.page != "":
		return pages
	default:
		return unknownRoute
	}
}
