package gateway_test

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
	"mallbots.example/pkg/certs"
	"mallbots.example/pkg/certs/certstest"
	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/rpc"
	"mallbots.example/pkg/service"
	"mallbots.example/services/gateway"
)

const kioskToken = "kiosk-secret"

func hashOf(token string) string {
	hash := sha256.Sum256([]byte(token))
	return hex.EncodeToString(hash[:])
}

// tokensFile is a setting with the tokens of a kiosk, as they are mounted.
func tokensFile(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tokens")
	require.NoError(t, os.WriteFile(file, []byte("# those of the hall\nkiosk customer "+hashOf(kioskToken)+"\nboss admin "+hashOf("boss-secret")+"\n"), 0o600))
	return "MALLBOTS_API_TOKENS_FILE=" + file
}

// heard is a backend that notes the metadata of each call.
func heard(t *testing.T, seen chan<- metadata.MD) *ordering {
	t.Helper()
	hear := func(ctx context.Context) {
		md, _ := metadata.FromIncomingContext(ctx)
		seen <- md
	}
	return &ordering{
		get: func(ctx context.Context, id string) (*orderingv1.Order, error) {
			hear(ctx)
			return &orderingv1.Order{Id: id}, nil
		},
		watch: func(ctx context.Context, id string, send func(*orderingv1.Order) error) error {
			hear(ctx)
			return send(&orderingv1.Order{Id: id})
		},
	}
}

func withToken(ctx context.Context, token string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
}

func TestTokensAreAskedForByGRPCAndByJSON(t *testing.T) {
	seen := make(chan metadata.MD, 1)
	addr := serve(t, func(r grpc.ServiceRegistrar) { orderingv1.RegisterOrderingServiceServer(r, heard(t, seen)) })
	e := run(t, &service.Process{}, "MALLBOTS_PEERS=ordering="+addr, tokensFile(t))
	client, stores := orderingv1.NewOrderingServiceClient(e.conn()), storesv1.NewStoresServiceClient(e.conn())

	// Each way to call GetOrder or WatchOrder gives the error's code and reason.
	ways := map[string]func(token string) (codes.Code, string){
		"unary": func(token string) (codes.Code, string) {
			_, err := client.GetOrder(withToken(t.Context(), token), &orderingv1.GetOrderRequest{Id: anID})
			return status.Code(err), rpc.Reason(err)
		},
		"stream": func(token string) (codes.Code, string) {
			stream, err := client.WatchOrder(withToken(t.Context(), token), &orderingv1.WatchOrderRequest{Id: anID})
			require.NoError(t, err)
			_, err = stream.Recv()
			return status.Code(err), rpc.Reason(err)
		},
		"JSON": func(token string) (codes.Code, string) {
			resp, answer := e.call(http.MethodGet, "/v1/orders/"+anID, "", "Authorization", "Bearer "+token)
			if resp.StatusCode == http.StatusOK {
				return codes.OK, ""
			}
			require.Equal(t, http.StatusUnauthorized, resp.StatusCode, answer)
			require.Equal(t, "Bearer", resp.Header.Get("WWW-Authenticate"))
			st, reason := read(t, answer)
			return st.Code, reason
		},
		"JSON stream": func(token string) (codes.Code, string) {
			resp, answer := e.call(http.MethodGet, "/v1/orders/"+anID+":watch", "", "Authorization", "Bearer "+token)
			if resp.StatusCode == http.StatusOK {
				return codes.OK, ""
			}
			st, reason := read(t, answer)
			return st.Code, reason
		},
	}
	for way, call := range ways {
		t.Run(way, func(t *testing.T) {
			for token, want := range map[string]string{"": "TOKEN_MISSING", "guess": "TOKEN_UNKNOWN"} {
				code, reason := call(token)
				require.Equal(t, codes.Unauthenticated, code)
				require.Equal(t, want, reason)
				require.Empty(t, seen, "the service is not asked")
			}
			code, _ := call(kioskToken)
			require.Equal(t, codes.OK, code)
			require.Empty(t, await(t, seen, "the call").Get("authorization"), "the token stays at the gateway")
		})
	}

	_, err := stores.CreateStore(withToken(t.Context(), kioskToken), &storesv1.CreateStoreRequest{})
	require.Equal(t, codes.PermissionDenied, status.Code(err), "%v", err)
	require.Equal(t, "ROLE_TOO_SMALL", rpc.Reason(err))
	require.ErrorContains(t, err, "role staff")
	resp, answer := e.call(http.MethodPost, "/v1/stores", "{}", "Authorization", "Bearer "+kioskToken)
	require.Equal(t, http.StatusForbidden, resp.StatusCode, answer)
	resp, _ = e.call(http.MethodGet, "/openapi.json", "")
	require.Equal(t, http.StatusOK, resp.StatusCode, "the page and the contracts are everybody's")
	_, err = healthv1.NewHealthClient(e.conn()).Check(t.Context(), &healthv1.HealthCheckRequest{})
	require.NoError(t, err, "probes have no token")
	require.Contains(t, e.metrics(), `gateway_refused_total{reason="ROLE_TOO_SMALL",service="gateway"} 2`)
}

func (e *edge) metrics() string {
	e.t.Helper()
	other := &edge{t: e.t, http: e.admin}
	_, answer := other.call(http.MethodGet, "/metrics", "")
	return answer
}

func TestWhoCallsTooOftenIsRefused(t *testing.T) {
	e := run(t, &service.Process{}, "MALLBOTS_PEERS=ordering="+nobody(t), "MALLBOTS_RATE_LIMIT=0.001") // a call, and the next in a quarter of an hour
	client := orderingv1.NewOrderingServiceClient(e.conn())
	_, err := client.CancelOrder(t.Context(), &orderingv1.CancelOrderRequest{Id: anID}) // not a read, which would be tried again
	require.Equal(t, codes.Unavailable, status.Code(err), "%v", err)
	_, err = client.CancelOrder(t.Context(), &orderingv1.CancelOrderRequest{Id: anID})
	require.Equal(t, codes.ResourceExhausted, status.Code(err), "%v", err)
	require.Equal(t, "RATE_LIMITED", rpc.Reason(err))

	resp, answer := e.call(http.MethodGet, "/v1/orders/"+anID, "")
	require.Equal(t, http.StatusTooManyRequests, resp.StatusCode, answer)
	after, err := time.ParseDuration(resp.Header.Get("Retry-After") + "s")
	require.NoError(t, err)
	require.Greater(t, after, 900*time.Second)
	require.LessOrEqual(t, after, 1000*time.Second)
	require.Contains(t, answer, "RATE_LIMITED")
	require.Contains(t, answer, "google.rpc.RetryInfo")
	resp, _ = e.call(http.MethodGet, "/", "", "X-Forwarded-For", "192.0.2.7")
	require.Equal(t, http.StatusOK, resp.StatusCode, "pages do not count")
	resp, _ = e.call(http.MethodGet, "/v1/orders/"+anID, "", "X-Forwarded-For", "192.0.2.7")
	require.Equal(t, http.StatusTooManyRequests, resp.StatusCode, "what a client says of itself does not count")
}

// logged is what a process logs, debug included.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write implements io.Writer.
func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func TestTLSFromTheClientToTheService(t *testing.T) {
	ca := certstest.NewCA(t)
	certificates, err := certs.Open(ca.Dir(), clock.System{}, quiet)
	require.NoError(t, err)
	seen := make(chan metadata.MD, 1)
	backend := rpc.NewServer(rpc.ServerConfig{
		Logger: quiet, Grace: time.Second, TLS: func() *tls.Config { return certificates.Server(false) },
	})
	orderingv1.RegisterOrderingServiceServer(backend, heard(t, seen))
	listener := listen(t)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- backend.Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	log := &logged{}
	e := run(t, &service.Process{Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))},
		"MALLBOTS_PEERS=ordering="+listener.Addr().String(), tokensFile(t), "MALLBOTS_TLS_DIR="+ca.Dir())

	customer := &tls.Config{RootCAs: ca.Pool()} // without a certificate, with a token
	call := func(config func() *tls.Config, token string) error {
		conn, err := rpc.Dial(e.grpc, rpc.ClientConfig{TLS: config})
		require.NoError(t, err)
		defer conn.Close()
		ctx := t.Context()
		if token != "" {
			ctx = withToken(ctx, token)
		}
		_, err = orderingv1.NewOrderingServiceClient(conn).GetOrder(ctx, &orderingv1.GetOrderRequest{Id: anID})
		return err
	}
	require.Equal(t, "TOKEN_MISSING", rpc.Reason(call(func() *tls.Config { return customer }, "")))
	require.NoError(t, call(func() *tls.Config { return customer }, kioskToken))
	await(t, seen, "the call")
	require.NoError(t, call(certificates.Client, ""), "the mall's own need no token")
	await(t, seen, "the call")
	require.Equal(t, codes.Unavailable, status.Code(call(nil, kioskToken)), "nothing is answered in plain text")
	stranger, err := certs.Open(certstest.NewCA(t).Dir(), clock.System{}, quiet)
	require.NoError(t, err)
	impostor := stranger.Client()
	impostor.RootCAs = ca.Pool()
	require.Equal(t, codes.Unavailable, status.Code(call(func() *tls.Config { return impostor }, kioskToken)), "a stranger's certificate")

	get := func(config *tls.Config, headers ...string) (int, string) {
		browser := &http.Client{Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}}
		defer browser.CloseIdleConnections()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+e.http+"/v1/orders/"+anID, http.NoBody)
		require.NoError(t, err)
		for i := 0; i < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		resp, err := browser.Do(req)
		require.NoError(t, err)
		defer resp.Body.Close()
		answer, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp.StatusCode, string(answer)
	}
	code, answer := get(customer, "Authorization", "Bearer "+kioskToken)
	require.Equal(t, http.StatusOK, code, answer)
	await(t, seen, "the call")
	code, answer = get(customer)
	require.Equal(t, http.StatusUnauthorized, code, answer)
	code, answer = get(certificates.Client())
	require.Equal(t, http.StatusOK, code, answer)
	await(t, seen, "the call")

	require.Contains(t, log.String(), "TOKEN_MISSING")
	require.NotContains(t, log.String(), kioskToken)
	require.NotContains(t, log.String(), hashOf(kioskToken))
}

func TestThatEverybodyMayCallIsLogged(t *testing.T) {
	for says, settings := range map[string][]string{"everybody may call everything": nil, "": {tokensFile(t)}} {
		log := &logged{}
		e := run(t, &service.Process{Log: slog.New(slog.NewTextHandler(log, nil))}, settings...)
		e.stop()
		require.Contains(t, log.String(), says)
		require.Equal(t, says != "", strings.Contains(log.String(), "MALLBOTS_API_TOKENS is empty"))
	}
}

func TestSettingsOfTheGuardAreReadAndNamed(t *testing.T) {
	for says, setting := range map[string]string{
		"MALLBOTS_API_TOKENS: line 1":               "MALLBOTS_API_TOKENS=secret",
		"MALLBOTS_RATE_LIMIT: must be from 0":       "MALLBOTS_RATE_LIMIT=-1",
		"MALLBOTS_RATE_LIMIT can't be read as":      "MALLBOTS_RATE_LIMIT=secret",
		"MALLBOTS_TLS_DIR: open ":                   "MALLBOTS_TLS_DIR=" + id.UUIDv7(),
		"MALLBOTS_API_TOKENS_FILE: open /nosuchdir": "MALLBOTS_API_TOKENS_FILE=/nosuchdir/tokens",
	} {
		err := service.Start(t.Context(), gateway.Service(), []string{
			setting, "MALLBOTS_HTTP_ADDR=127.0.0.1:0", "MALLBOTS_GRPC_ADDR=127.0.0.1:0", "MALLBOTS_ADMIN_ADDR=127.0.0.1:0",
		})
		require.ErrorContains(t, err, says)
		require.NotContains(t, err.Error(), "secret")
		require.NotContains(t, err.Error(), "\n")
	}
}
