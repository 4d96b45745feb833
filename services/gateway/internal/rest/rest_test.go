package rest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"

	storesv1 "mallbots.example/api/mallbots/stores/v1"
	"mallbots.example/pkg/rpc"
	"mallbots.example/services/gateway/internal/routes"
)

// conn is a connection on which calls do what a test says.
type conn struct {
	grpc.ClientConnInterface
	invoke func() error
}

// Invoke implements grpc.ClientConnInterface.
func (c conn) Invoke(context.Context, string, any, any, ...grpc.CallOption) error { return c.invoke() }

func newEdge(t *testing.T, log *slog.Logger, invoke func() error) *Edge {
	t.Helper()
	e, err := New(Config{
		Peer:  func(string) grpc.ClientConnInterface { return conn{invoke: invoke} },
		Check: func(string, *http.Request) error { return nil },
		Log:   log, Metrics: prometheus.NewRegistry(), Grace: time.Second, maxUnary: 1, maxStreams: 1,
	})
	require.NoError(t, err)
	return e
}

func get(e *Edge, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	e.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, http.NoBody))
	return w
}

func TestMoreCallsThanItHasPlacesForAreRefused(t *testing.T) {
	inside, leave := make(chan struct{}), make(chan struct{})
	e := newEdge(t, slog.New(slog.DiscardHandler), func() error {
		inside <- struct{}{}
		<-leave
		return nil
	})
	answers := make(chan int, 1)
	go func() { answers <- get(e, "/v1/stores").Code }()
	<-inside
	refused := get(e, "/v1/customers")
	require.Equal(t, http.StatusTooManyRequests, refused.Code)
	require.Contains(t, refused.Body.String(), rpc.ReasonBusy)
	require.NotEmpty(t, refused.Header().Get("Retry-After"))
	require.Equal(t, http.StatusOK, get(e, "/").Code, "pages take no place")
	close(leave)
	require.Equal(t, http.StatusOK, <-answers)
	go func() { <-inside }()
	require.Equal(t, http.StatusOK, get(e, "/v1/customers").Code, "the place is free again")
}

func TestThatACallPanicsIsLoggedAndNotTold(t *testing.T) {
	var log strings.Builder
	e := newEdge(t, slog.New(slog.NewTextHandler(&log, nil)), func() error { panic("secret") })
	w := get(e, "/v1/stores")
	require.Equal(t, http.StatusInternalServerError, w.Code)
	require.Contains(t, w.Body.String(), `"INTERNAL"`)
	require.NotContains(t, w.Body.String(), "secret")
	require.Contains(t, log.String(), "panic: secret")
	require.Contains(t, log.String(), "GET /v1/stores")
}

func TestOnlyWhatNeedsAPersonIsLoggedWithItsCause(t *testing.T) {
	var log strings.Builder
	var err error
	e := newEdge(t, slog.New(slog.NewTextHandler(&log, nil)), func() error { return err })
	err = context.DeadlineExceeded
	get(e, "/v1/stores?pageSize=7")
	require.Empty(t, log.String())
	err = errors.New("the disk is full")
	require.NotContains(t, get(e, "/v1/stores?pageSize=7").Body.String(), "disk")
	require.Contains(t, log.String(), "level=ERROR msg=http route=\"GET /v1/stores\" status=500")
	require.Contains(t, log.String(), "the disk is full")
	require.NotContains(t, log.String(), "pageSize")
}

func TestATableOfRoutesIsCompleteOrNotMade(t *testing.T) {
	methods := routes.Methods()
	_, err := newTable(append(methods, methods[0]))
	require.ErrorContains(t, err, "another RPC have the route")
	none := storesv1.File_mallbots_stores_v1_stores_service_proto.Services().Get(0).Methods().Get(0)
	_, err = newTable([]protoreflect.MethodDescriptor{unrouted{none}})
	require.ErrorContains(t, err, "has no route")
}

// unrouted is a method without options.
type unrouted struct{ protoreflect.MethodDescriptor }

// Options implements protoreflect.Descriptor.
func (unrouted) Options() protoreflect.ProtoMessage { return nil }

func TestParametersThatARequestHas(t *testing.T) {
	table, err := newTable(routes.Methods())
	require.NoError(t, err)
	search := table["GET /v1/search/orders"]
	for query, unknown := range map[string]string{
		"":                               "",
		"pageSize=1&page_token=x":        "",
		"createdAfter=2026-11-23":        "",
		"minTotal.currency_code=USD":     "",
		"minTotal.currencyCode.length=3": "minTotal.currencyCode.length",
		"storeIds.id=7":                  "storeIds.id",
		".=7":                            ".",
		"z=1&a=2":                        "a",
	} {
		values, err := url.ParseQuery(query)
		require.NoError(t, err)
		got, found := search.unknown(values)
		require.Equal(t, unknown, got, query)
		require.Equal(t, unknown != "", found, query)
	}
}

func TestNamesOfFieldsInJSON(t *testing.T) {
	for name, want := range map[string]string{
		"id": "id", "page_size": "pageSize", "min_total.currency_code": "minTotal.currencyCode", "store_ids[1]": "storeIds[1]", "a__b_": "aB",
	} {
		require.Equal(t, want, lowerCamel(name))
	}
}

func TestWhatIsToldIsBoundedAndValid(t *testing.T) {
	told := malformed("proto:\u00a0" + strings.Repeat("x\xff", maxText)).status.Message()
	require.LessOrEqual(t, len(told), maxText)
	require.NotContains(t, told, "proto")
	require.True(t, strings.HasSuffix(told, "…"))
	w := httptest.NewRecorder()
	malformed("x\xff").write(w)
	require.Contains(t, w.Body.String(), `"MALFORMED_REQUEST"`)
}
