package rpc

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// durationBuckets, in seconds, end at DefaultTimeout: a call that is longer has failed.
var durationBuckets = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// metrics of a server. Labels are bounded: method is one of the contracts' or unknownMethod, code one of gRPC's seventeen.
type metrics struct {
	requests *prometheus.CounterVec   // method, code
	duration *prometheus.HistogramVec // method; unary calls only: how long a stream lives is up to its client
	inFlight *prometheus.GaugeVec     // kind: unary or stream
	panics   *prometheus.CounterVec   // method
}

func newMetrics(r prometheus.Registerer) *metrics {
	return &metrics{
		requests: register(r, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rpc_server_requests_total", Help: "Calls that ended, by full method and status code.",
		}, []string{"method", "code"})),
		duration: register(r, prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "rpc_server_duration_seconds", Help: "Duration of unary calls by full method.", Buckets: durationBuckets,
		}, []string{"method"})),
		inFlight: register(r, prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "rpc_server_in_flight", Help: "Calls in flight by kind: unary or stream.",
		}, []string{"kind"})),
		panics: register(r, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rpc_server_panics_total", Help: "Calls whose handler panicked.",
		}, []string{"method"})),
	}
}

// register adds a collector, or takes the one that another server of this process has added.
func register[C prometheus.Collector](r prometheus.Registerer, c C) C {
	err := r.Register(c)
	var already prometheus.AlreadyRegisteredError
	if errors.As(err, &already) {
		if existing, ok := already.ExistingCollector.(C); ok {
			return existing
		}
	}
	return c
}

func (m *metrics) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (resp any, err error) {
	defer m.count(call{info.FullMethod, true})(&err)
	return handler(ctx, req)
}

func (m *metrics) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
	defer m.count(streamCall(srv, info.FullMethod))(&err)
	return handler(srv, ss)
}

func (m *metrics) count(c call) func(*error) {
	kind := "stream"
	if c.unary {
		kind = "unary"
	}
	gauge := m.inFlight.WithLabelValues(kind)
	gauge.Inc()
	start := time.Now()
	return func(err *error) {
		gauge.Dec()
		m.requests.WithLabelValues(c.method, codeLabel(status.Code(*err))).Inc()
		if c.unary {
			m.duration.WithLabelValues(c.method).Observe(time.Since(start).Seconds())
		}
	}
}

// codeLabel bounds the codes: a proxied peer may answer with any number.
func codeLabel(c codes.Code) string {
	if c > codes.Unauthenticated {
		return codes.Unknown.String()
	}
	return c.String()
}
