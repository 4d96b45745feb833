package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"mallbots.example/pkg/rpc"
)

const (
	// checkInterval is how late unreadiness may be told; Kubernetes asks every few seconds.
	checkInterval = 2 * time.Second
	// recheckInterval is how late readiness may be told: somebody waits for it.
	recheckInterval = 50 * time.Millisecond
	// startGrace is how long a start may take before the log tells what it waits for.
	startGrace = 3 * time.Second
	// checkTimeout makes a server that does not answer count as away.
	checkTimeout = 2 * time.Second
)

// check is one thing without which a process can't do its work.
type check struct {
	name string
	run  func(ctx context.Context) error
}

// readiness says whether the process can serve and consume. It never makes a process unalive: restarting it would not mend its database.
type readiness struct {
	checks   []check
	server   *rpc.Server
	services []string
	log      *slog.Logger
	onReady  func() // called once, when it is ready for the first time
	started  time.Time
	mu       sync.Mutex
	problem  error
	told     string // the problem in the log
	wasReady bool
	stopped  bool
}

// newReadiness is that of a process that starts: it is not ready, and waits says for what.
func newReadiness(log *slog.Logger) *readiness {
	return &readiness{log: log, problem: errors.New("starting"), started: time.Now()}
}

// begin says what to check from now on, on which server to tell it, and whom to call when it is ready for the first time.
func (r *readiness) begin(checks []check, server *rpc.Server, services []string, onReady func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.checks, r.server, r.services, r.onReady = checks, server, services, sync.OnceFunc(onReady)
}

// waits says for what a start waits. await has logged it.
func (r *readiness) waits(problem error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.problem, r.told = problem, problem.Error()
}

// run checks at once and then again and again, until ctx ends.
func (r *readiness) run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		}
		problem := r.look(ctx)
		r.set(problem)
		if problem == nil {
			r.onReady()
			timer.Reset(checkInterval)
		} else {
			timer.Reset(recheckInterval)
		}
	}
}

// look runs all checks side by side, so that one server that hangs does not make the answer late.
func (r *readiness) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	problems := make([]error, len(r.checks))
	var wg sync.WaitGroup
	for i, c := range r.checks {
		wg.Go(func() {
			if err := c.run(ctx); err != nil {
				problems[i] = fmt.Errorf("%s: %w", c.name, err)
			}
		})
	}
	wg.Wait()
	return errors.Join(problems...)
}

func (r *readiness) set(problem error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped {
		return
	}
	switch {
	case problem == nil && r.problem != nil:
		r.log.Info("ready")
		r.told = ""
	case problem != nil && problem.Error() != r.told && (r.wasReady || time.Since(r.started) > startGrace):
		r.log.Warn("not ready", "error", problem)
		r.told = problem.Error()
	}
	r.wasReady = r.wasReady || problem == nil
	r.problem = problem
	for _, name := range r.services {
		r.server.SetServing(name, problem == nil)
	}
}

// stop makes the process unready for good.
func (r *readiness) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopped = true
	r.problem = errors.New("stopping")
}

func (r *readiness) get() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.problem
}

// gauge is readiness as a metric, of every process, also of one that waits to start.
func (r *readiness) gauge() prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "ready", Help: "1 if the process can serve and consume, else 0; /readyz says what is missing.",
	}, func() float64 {
		if r.get() != nil {
			return 0
		}
		return 1
	})
}

// adminHandler serves what operators and Kubernetes ask.
func adminHandler(ready *readiness, registry *prometheus.Registry) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "alive") // the asker has gone
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if err := ready.get(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready") // the asker has gone
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return mux
}
