package gateway_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/metadata"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/rpc"
)

// watching is a watcher of an order, line by line.
type watching struct {
	*bufio.Scanner
	t    *testing.T
	resp *http.Response
}

func (e *edge) watch(ctx context.Context, orderID string) *watching {
	e.t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+e.http+"/v1/orders/"+orderID+":watch", http.NoBody)
	require.NoError(e.t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(e.t, err)
	e.t.Cleanup(func() { _ = resp.Body.Close() })
	return &watching{bufio.NewScanner(resp.Body), e.t, resp}
}

// next is the next line.
func (w *watching) next() (version, reason string) {
	w.t.Helper()
	require.True(w.t, w.Scan(), "the stream ended: %v", w.Err())
	var line struct {
		Result struct{ Order struct{ Version string } }
		Error  json.RawMessage
	}
	require.NoError(w.t, json.Unmarshal(w.Bytes(), &line), w.Text())
	if line.Error != nil {
		_, reason = read(w.t, string(line.Error))
	}
	return line.Result.Order.Version, reason
}

func TestAStreamIsALineAMessage(t *testing.T) {
	next := make(chan *orderingv1.Order)
	e, _ := startWith(t, &ordering{watch: func(_ context.Context, _ string, send func(*orderingv1.Order) error) error {
		for order := range next {
			if err := send(order); err != nil {
				return err
			}
		}
		return nil
	}})
	go func() { next <- &orderingv1.Order{Version: 1} }()
	stream := e.watch(t.Context(), id.UUIDv7())
	require.Equal(t, http.StatusOK, stream.resp.StatusCode)
	require.Equal(t, "application/json", stream.resp.Header.Get("Content-Type"))
	for version := range 5 { // each is read before the next is sent: nothing waits in between for more
		if version > 0 {
			next <- &orderingv1.Order{Version: int64(version + 1)}
		}
		got, _ := stream.next()
		require.Equal(t, string(rune('1'+version)), got)
	}
	close(next)
	require.False(t, stream.Scan())
	require.NoError(t, stream.Err())
}

func TestAStreamThatIsRefusedSaysSoWithItsStatus(t *testing.T) {
	e, _ := startWith(t, &ordering{})
	stream := e.watch(t.Context(), "seven")
	require.Equal(t, http.StatusBadRequest, stream.resp.StatusCode)
	require.True(t, stream.Scan())
	_, reason := read(t, stream.Text())
	require.Equal(t, "INVALID_FIELD", reason)
	require.False(t, stream.Scan())
	require.NoError(t, stream.Err())
}

func TestAStreamThatTheHTTPClientLeavesEndsBehindTheGateway(t *testing.T) {
	left := make(chan error, 1)
	e, _ := startWith(t, &ordering{watch: func(ctx context.Context, _ string, send func(*orderingv1.Order) error) error {
		if err := send(&orderingv1.Order{Version: 1}); err != nil {
			return err
		}
		<-ctx.Done()
		left <- ctx.Err()
		return ctx.Err()
	}})
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	e.watch(ctx, id.UUIDv7()).next()
	leave()
	require.ErrorIs(t, await(t, left, "the watcher to be gone"), context.Canceled)
}

func TestAStreamOfJSONIsToldToGoElsewhereWhenTheGatewayStops(t *testing.T) {
	e, _ := startWith(t, &ordering{watch: func(ctx context.Context, _ string, send func(*orderingv1.Order) error) error {
		if err := send(&orderingv1.Order{Version: 1}); err != nil {
			return err
		}
		<-ctx.Done()
		return ctx.Err()
	}})
	stream := e.watch(t.Context(), id.UUIDv7())
	stream.next()
	e.stop()
	_, reason := stream.next()
	require.Equal(t, rpc.ReasonDraining, reason)
	require.False(t, stream.Scan(), "it is the last line")
	require.NoError(t, stream.Err())
}

func TestWhatCrossesFromHTTPToGRPC(t *testing.T) {
	seen := make(chan metadata.MD, 1)
	e, _ := startWith(t, &ordering{get: func(ctx context.Context, _ string) (*orderingv1.Order, error) {
		md, _ := metadata.FromIncomingContext(ctx)
		seen <- md
		return &orderingv1.Order{}, nil
	}})
	trace := "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	resp, _ := e.call(http.MethodGet, "/v1/orders/"+anID, "", "Traceparent", trace, "Cookie", "secret=1", "Grpc-Metadata-Kiosk", "seven")
	md := await(t, seen, "the call")
	require.Contains(t, strings.Join(md.Get("traceparent"), ""), "4bf92f3577b34da6a3ce929d0e0e4736", "the trace goes on")
	for name := range md {
		require.NotContains(t, name, "cookie")
		require.NotContains(t, name, "kiosk")
	}
	for name := range resp.Header {
		require.NotContains(t, name, "Grpc-")
	}
	require.Equal(t, "no-store", resp.Header.Get("Cache-Control"))
	require.Equal(t, "nosniff", resp.Header.Get("X-Content-Type-Options"))
}

func TestTheIdempotencyKeyIsTheRequestID(t *testing.T) {
	keys := make(chan string, 1)
	e, _ := startWith(t, &ordering{
		cancel: func(req *orderingv1.CancelOrderRequest) { keys <- req.GetRequestId() },
		get:    func(context.Context, string) (*orderingv1.Order, error) { return &orderingv1.Order{}, nil },
	})
	path := "/v1/orders/" + anID + ":cancel"
	e.call(http.MethodPost, path, "{}", "Idempotency-Key", anotherID)
	require.Equal(t, anotherID, await(t, keys, "the call"))
	e.call(http.MethodPost, path, `{"requestId": "`+anID+`"}`, "Idempotency-Key", anotherID)
	require.Equal(t, anID, await(t, keys, "the call"), "what the request itself says wins")
	e.call(http.MethodPost, path, ``)
	require.Empty(t, await(t, keys, "the call"))
	resp, answer := e.call(http.MethodPost, path, ``, "Idempotency-Key", "seven")
	require.Equal(t, http.StatusBadRequest, resp.StatusCode)
	require.Contains(t, answer, "requestId")
	resp, _ = e.call(http.MethodGet, "/v1/orders/"+anID, ``, "Idempotency-Key", "seven")
	require.Equal(t, http.StatusOK, resp.StatusCode, "a read has no request_id")
}

func TestRequestsAreCountedByRoute(t *testing.T) {
	e, _ := startWith(t, &ordering{get: func(context.Context, string) (*orderingv1.Order, error) { return &orderingv1.Order{}, nil }})
	e.call(http.MethodGet, "/v1/orders/"+anID, "")
	e.call(http.MethodGet, "/v1/orders/seven", "")
	e.call(http.MethodGet, "/v1/nowhere/"+anID, "")
	e.call(http.MethodGet, "/", "")
	resp, err := http.Get("http://" + e.admin + "/metrics")
	require.NoError(t, err)
	defer resp.Body.Close()
	all, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	for _, line := range []string{
		`http_server_requests_total{code="200",route="GET /v1/orders/{id}",service="gateway"} 1`,
		`http_server_requests_total{code="400",route="GET /v1/orders/{id}",service="gateway"} 1`,
		`http_server_requests_total{code="404",route="unknown",service="gateway"} 1`,
		`http_server_requests_total{code="200",route="pages",service="gateway"} 1`,
		`http_server_duration_seconds_count{route="GET /v1/orders/{id}",service="gateway"} 2`,
		`http_server_in_flight{kind="unary",service="gateway"} 0`,
	} {
		require.Contains(t, string(all), line)
	}
	require.NotContains(t, string(all), anID)
}
