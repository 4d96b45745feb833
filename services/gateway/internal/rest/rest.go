// Package rest is the mall's API as JSON over HTTP: each RPC by the route that its contract names, and a page to try them on. It calls the
// services as any gRPC client does, so that rules, deadlines, idempotency and errors are the same.
//
// What a request passes: limits of time and size, the check that it does not come from a stranger's web page, its route, who calls and how
// often, the number of calls in flight, and the generated handler (package gen), which makes the gRPC call.
package rest

import (
	"context"
	_ "embed" // the OpenAPI document
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"mallbots.example/pkg/rpc"
	"mallbots.example/services/gateway/internal/routes"
	"mallbots.example/services/gateway/internal/ui"
)

// OpenAPI describes every route (OpenAPI 2.0). It is generated from the contracts: `go generate ./...` in api.
//
//go:embed gen/openapi.swagger.json
var OpenAPI []byte

const (
	// maxUnary and maxStreams bound the calls in flight, like those of a gRPC server.
	maxUnary   = 1024
	maxStreams = 8192
	// maxHeaderBytes is ample for a browser's headers; it is what gRPC servers accept.
	maxHeaderBytes = 32 << 10
)

// Config is what the edge needs. All must be set.
type Config struct {
	// Peer gives the connection to a service.
	Peer func(name string) grpc.ClientConnInterface
	// Check gives the error with which the call of an RPC, by its full method, is refused, or nil.
	Check func(method string, r *http.Request) error
	// Log gets a line a request.
	Log *slog.Logger
	// Metrics are counted there.
	Metrics prometheus.Registerer
	// Grace is how long requests in flight may take when the edge drains.
	Grace time.Duration

	maxUnary, maxStreams int // for tests
}

// Edge answers HTTP requests.
type Edge struct {
	cfg     Config
	table   table
	api     *runtime.ServeMux
	pages   map[string]http.Handler
	origins *http.CrossOriginProtection
	metrics *metrics
	// unary and streams have a place for each call in flight.
	unary, streams chan struct{}

	draining context.Context
	drain    context.CancelCauseFunc
}

// New makes an edge.
func New(cfg Config) (*Edge, error) {
	e := &Edge{cfg: cfg, metrics: newMetrics(cfg.Metrics), origins: http.NewCrossOriginProtection()}
	e.unary, e.streams = make(chan struct{}, orElse(cfg.maxUnary, maxUnary)), make(chan struct{}, orElse(cfg.maxStreams, maxStreams))
	e.draining, e.drain = context.WithCancelCause(context.Background())
	var err error
	if e.table, err = newTable(routes.Methods()); err != nil {
		return nil, err
	}
	if e.pages, err = ui.Pages(OpenAPI); err != nil {
		return nil, err
	}
	none := func(string) (string, bool) { return "", false }
	e.api = runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, newCodec()),
		runtime.WithErrorHandler(answerError),
		runtime.WithStreamErrorHandler(lastWords),
		runtime.WithRoutingErrorHandler(e.noRoute),
		runtime.WithMiddlewares(e.onRoute),
		// HTTP headers and gRPC metadata are kept apart; what crosses is the trace, the deadline (Grpc-Timeout) and keyHeader.
		runtime.WithIncomingHeaderMatcher(none), runtime.WithOutgoingHeaderMatcher(none), runtime.WithOutgoingTrailerMatcher(none),
		// A POST is a POST.
		runtime.WithDisablePathLengthFallback(), runtime.WithDisableHTTPMethodOverride(),
		runtime.WithDisableChunkedEncoding(), // net/http sees to it
	)
	if err := register(e.api, cfg.Peer); err != nil {
		return nil, err
	}
	return e, nil
}

func orElse(value, preset int) int {
	if value == 0 {
		return preset
	}
	return value
}

// Serve answers on listener until ctx ends, then drains: streams end with UNAVAILABLE, SERVER_DRAINING; other calls have Grace to end. It
// serves once.
func (e *Edge) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler: e, ReadHeaderTimeout: headerPatience, IdleTimeout: idlePatience, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(e.cfg.Log.Handler(), slog.LevelDebug), // clients that break off, mostly
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	e.drain(rpc.ErrDraining)
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.cfg.Grace)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		e.cfg.Log.Warn("requests in flight outlived the grace period, their connections are cut", "grace", e.cfg.Grace)
		_ = server.Close()
	}
	return ctx.Err()
}

// ServeHTTP implements http.Handler.
func (e *Edge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x, r := newExchange(w, r, rpc.MaxRecvMsgSize)
	defer e.ended(r, x, time.Now())
	x.Header().Set("X-Content-Type-Options", "nosniff")
	if page, ok := e.pages[r.URL.Path]; ok {
		x.page = r.URL.Path
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			page.ServeHTTP(x, r)
		} else {
			wrongMethod(x, http.MethodGet, http.MethodHead)
		}
		return
	}
	x.Header().Set("Cache-Control", "no-store")
	switch {
	case e.origins.Check(r) != nil:
		// Nobody has to sign in unless there are tokens, so any page that a browser shows could make it change the mall on this machine.
		errCrossOrigin.write(x)
	case r.ContentLength > rpc.MaxRecvMsgSize:
		errTooLarge.write(x)
	default:
		e.api.ServeHTTP(x, r)
	}
}

// ended is deferred, and counts and logs what became of a request.
func (e *Edge) ended(r *http.Request, x *exchange, start time.Time) {
	broken := x.recovered(recover())
	x.extend() // for what net/http still writes
	took := time.Since(start)
	e.metrics.ended(x, took)
	e.log(r.Context(), x, took)
	if broken {
		panic(http.ErrAbortHandler) // what was begun can't be ended well: the client must see it break off
	}
}

// onRoute is the way to the handler of each route.
func (e *Edge) onRoute(next runtime.HandlerFunc) runtime.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request, params map[string]string) {
		for _, value := range params {
			if value == "" || strings.Contains(value, ":") { // the pattern /v1/baskets/{id} also takes 7:checkout for an id
				e.noRoute(r.Context(), e.api, nil, w, r, http.StatusNotFound)
				return
			}
		}
		x := exchangeOf(r.Context())
		pattern, _ := runtime.HTTPPattern(r.Context())
		x.route = e.table.of(r.Method, pattern)
		if x.route == nil {
			e.noRoute(r.Context(), e.api, nil, w, r, http.StatusNotFound)
			return
		}
		if err := e.cfg.Check(x.route.method, r); err != nil {
			refusalOf(r.Context(), err).write(w)
			return
		}
		r.Header.Del("Authorization") // the generated code would pass it on, whatever the matchers say; services have no use for it
		if name, found := x.route.unknown(r.URL.Query()); found {
			malformed("unknown query parameter " + strconv.Quote(name)).write(w)
			return
		}
		e.call(x, next, r, params)
	}
}

// call makes the call if there is a place for it.
func (e *Edge) call(x *exchange, next runtime.HandlerFunc, r *http.Request, params map[string]string) {
	places, kind := e.unary, "unary"
	if x.route.streams {
		places, kind = e.streams, "stream"
	}
	select {
	case places <- struct{}{}:
		defer func() { <-places }()
	default:
		errBusy.write(x)
		return
	}
	gauge := e.metrics.inFlight.WithLabelValues(kind)
	gauge.Inc()
	defer gauge.Dec()
	ctx := otel.GetTextMapPropagator().Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	ctx, span := otel.Tracer("mallbots.example/services/gateway").Start(ctx, x.route.name(), trace.WithSpanKind(trace.SpanKindServer))
	defer span.End()
	if x.route.streams { // it would else hold the drain until the grace is over
		var cancel context.CancelCauseFunc
		ctx, cancel = context.WithCancelCause(ctx)
		defer cancel(nil)
		defer context.AfterFunc(e.draining, func() { cancel(rpc.ErrDraining) })() //nolint:contextcheck // the edge's end, not the request's
	}
	next(x, r.WithContext(withKey(ctx, r.Header.Get(keyHeader))), params)
}

// noRoute implements runtime.RoutingErrorHandlerFunc.
func (e *Edge) noRoute(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, _ int) {
	if allowed := e.table.allowed(r.URL.Path); len(allowed) > 0 {
		wrongMethod(w, allowed...)
		return
	}
	errNoRoute.write(w)
}

func wrongMethod(w http.ResponseWriter, allowed ...string) {
	list := strings.Join(allowed, ", ")
	w.Header().Set("Allow", list)
	refuse(http.StatusMethodNotAllowed, codes.Unimplemented, reasonWrongMethod, "call it with "+list).write(w)
}

// log writes a line a request: what was called, how it ended, how long it took. Never bodies, queries or headers: they hold people's data.
func (e *Edge) log(ctx context.Context, x *exchange, took time.Duration) {
	level := slog.LevelDebug
	switch code := x.told.Code(); {
	case code == codes.Internal, code == codes.Unknown, code == codes.DataLoss:
		level = slog.LevelError
	case code == codes.Unavailable && rpc.Reason(x.told.Err()) != rpc.ReasonDraining:
		level = slog.LevelWarn
	}
	if !e.cfg.Log.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{slog.String("route", x.name()), slog.Int("status", x.status), slog.Duration("duration", took)}
	if x.told != nil {
		attrs = append(attrs, slog.String("code", x.told.Code().String()), slog.String("reason", rpc.Reason(x.told.Err())))
	}
	if level > slog.LevelDebug && x.cause != nil {
		attrs = append(attrs, slog.Any("error", x.cause))
	}
	e.cfg.Log.LogAttrs(ctx, level, "http", attrs...)
}
