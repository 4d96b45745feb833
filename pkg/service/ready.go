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
	// checkInterval is how late readiness may be; Kubernetes asks every few seconds.
	checkInterval = 2 * time.Second
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
	mu       sync.Mutex
	problem  error
	stopped  bool
}

func newReadiness(checks []check, server *rpc.Server, services []string, log *slog.Logger) *readiness {
	return &readiness{checks: checks, server: server, services: services, log: log, problem: errors.New("starting")}
}

// run checks at once and then at every interval, until ctx ends.
func (r *readiness) run(ctx context.Context) error {
	ticker := time.NewTicker(checkInterval)
	defer ticker.Stop()
	for {
		r.set(r.look(ctx))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
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
	case problem != nil && (r.problem == nil || r.problem.Error() != problem.Error()):
		r.log.Warn("not ready", "error", problem)
	case problem == nil && r.problem != nil:
		r.log.Info("ready")
	}
	r.problem = problem
	for _, name := range r.services {
		r.server.SetServing(name, problem == nil)
	}
}

// stop makes the process unready for good.
func (r *readiness) stop() {
	r.set(errors.New("stopping"))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopped = true
}

func (r *readiness) get() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.problem
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
