package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/rpc"
)

// told is a google.rpc.Status as a client reads it.
type told struct {
	Code    codes.Code
	Message string
	Details []struct {
		Type            string `json:"@type"`
		Reason, Domain  string
		FieldViolations []struct{ Field, Description, Reason string }
	}
}

func read(t *testing.T, answer string) (st told, reason string) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(answer))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&st), answer)
	for _, detail := range st.Details {
		if detail.Type == "type.googleapis.com/google.rpc.ErrorInfo" {
			require.Equal(t, rpc.Domain, detail.Domain)
			reason = detail.Reason
		}
	}
	return st, reason
}

func TestErrorsOfServicesAsJSON(t *testing.T) {
	var refusal error
	e, _ := startWith(t, &ordering{get: func(context.Context, string) (*orderingv1.Order, error) { return nil, refusal }})
	for name, test := range map[string]struct {
		err          error
		status       int
		code         codes.Code
		reason, text string
	}{
		"not found": {fault.Missing("ORDER_NOT_FOUND", "no such order"), http.StatusNotFound, codes.NotFound, "ORDER_NOT_FOUND", "no such order"},
		"refused":   {fault.Refuse("ORDER_CANCELING", "it ends"), http.StatusBadRequest, codes.FailedPrecondition, "ORDER_CANCELING", "it ends"},
		"conflict": {
			&fault.Error{Kind: fault.Conflict, Reason: "VERSION_CONFLICT", Message: "try again"},
			http.StatusConflict, codes.Aborted, "VERSION_CONFLICT", "try again",
		},
		"a bug":      {io.ErrUnexpectedEOF, http.StatusInternalServerError, codes.Internal, "INTERNAL", "internal error"},
		"not there":  {rpc.ErrUnavailable, http.StatusServiceUnavailable, codes.Unavailable, "UNAVAILABLE", "a service this call needs is not available, try again"},
		"no such":    {status.Error(codes.Unimplemented, "method GetOrder not implemented"), http.StatusNotImplemented, codes.Unimplemented, "", "method GetOrder not implemented"},
		"a deadline": {context.DeadlineExceeded, http.StatusGatewayTimeout, codes.DeadlineExceeded, "DEADLINE_EXCEEDED", "the call took longer than its deadline"},
	} {
		t.Run(name, func(t *testing.T) {
			refusal = test.err
			resp, answer := e.call(http.MethodGet, "/v1/orders/"+anID, "")
			st, reason := read(t, answer)
			require.Equal(t, test.status, resp.StatusCode)
			require.Equal(t, "application/json", resp.Header.Get("Content-Type"))
			require.Equal(t, test.code, st.Code)
			require.Equal(t, test.reason, reason)
			require.Equal(t, test.text, st.Message)
			require.Equal(t, test.status == http.StatusServiceUnavailable, resp.Header.Get("Retry-After") != "")
		})
	}
}

func TestFieldsThatBreakARuleAreNamedAsInJSON(t *testing.T) {
	e, _ := startWith(t, &ordering{})
	resp, answer := e.call(http.MethodGet, "/v1/customers/seven/orders?pageSize=500", "")
	st, reason := read(t, answer)
	require.Equal(t, http.StatusBadRequest, resp.StatusCode)
	require.Equal(t, "INVALID_FIELD", reason)
	var fields []string
	for _, detail := range st.Details {
		for _, violation := range detail.FieldViolations {
			fields = append(fields, violation.Field)
			require.NotEmpty(t, violation.Description)
		}
	}
	require.ElementsMatch(t, []string{"customerId", "pageSize"}, fields)
}

func TestAServiceThatIsDownIsUnavailableInJSONToo(t *testing.T) {
	e := start(t, map[string]string{"stores": nobody(t)})
	resp, answer := e.call(http.MethodGet, "/v1/stores", "")
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	_, reason := read(t, answer)
	require.Equal(t, rpc.ReasonUnavailable, reason)
	require.NotContains(t, answer, "127.0.0.1", "where services live is not for the world")
	resp, answer = e.call(http.MethodGet, "/v1/shoppingLists:watch", "", "Grpc-Timeout", "100m")
	require.Contains(t, []int{http.StatusServiceUnavailable, http.StatusGatewayTimeout}, resp.StatusCode, answer)
	read(t, answer)
}

func TestACallEndsWithTheDeadlineThatItsHeaderGives(t *testing.T) {
	ended := make(chan error, 1)
	e, _ := startWith(t, &ordering{get: func(ctx context.Context, _ string) (*orderingv1.Order, error) {
		<-ctx.Done()
		ended <- ctx.Err()
		return nil, ctx.Err()
	}})
	resp, answer := e.call(http.MethodGet, "/v1/orders/"+anID, "", "Grpc-Timeout", "100m")
	require.Equal(t, http.StatusGatewayTimeout, resp.StatusCode, answer)
	_, reason := read(t, answer)
	require.Equal(t, rpc.ReasonDeadline, reason)
	await(t, ended, "the call behind the gateway to end")
}

func TestRequestsThatNoServiceGetsToSee(t *testing.T) {
	everything := refuseAll(t, "a service that was reached")
	peers := map[string]string{}
	for _, full := range publicServices {
		peers[strings.Split(full, ".")[1]] = everything
	}
	e := start(t, peers)
	large := `{"name": "` + strings.Repeat("x", rpc.MaxRecvMsgSize) + `"}`
	for name, test := range map[string]struct {
		verb, path, body string
		header           []string
		status           int
		reason, says     string
		allow            string
	}{
		"not JSON":                 {verb: http.MethodPost, path: "/v1/stores", body: "name=Toys", status: 400, reason: "MALFORMED_REQUEST", says: "line 1:1"},
		"JSON that breaks off":     {verb: http.MethodPost, path: "/v1/stores", body: "{\n  \"name\": ", status: 400, reason: "MALFORMED_REQUEST", says: "unexpected"},
		"JSON with a typo":         {verb: http.MethodPost, path: "/v1/stores", body: "{\n  \"name\": Toys}", status: 400, reason: "MALFORMED_REQUEST", says: "line 2:11"},
		"more than one value":      {verb: http.MethodPost, path: "/v1/stores", body: `{"name": "Toys"} {}`, status: 400, reason: "MALFORMED_REQUEST", says: "line 1:18"},
		"a field of no contract":   {verb: http.MethodPost, path: "/v1/stores", body: `{"nam": "Toys"}`, status: 400, reason: "MALFORMED_REQUEST", says: `line 1:2): unknown field "nam"`},
		"a number for a name":      {verb: http.MethodPost, path: "/v1/stores", body: `{"name": 7}`, status: 400, reason: "MALFORMED_REQUEST", says: "line 1:10"},
		"a filter of no contract":  {verb: http.MethodGet, path: "/v1/search/orders?customer=7", status: 400, reason: "MALFORMED_REQUEST", says: `unknown query parameter "customer"`},
		"a filter within a filter": {verb: http.MethodGet, path: "/v1/search/orders?minTotal.currency=USD", status: 400, reason: "MALFORMED_REQUEST", says: `"minTotal.currency"`},
		"a filter that is no number": {
			verb: http.MethodGet, path: "/v1/stores?pageSize=many", status: 400, reason: "MALFORMED_REQUEST", says: "many",
		},
		"a query beside a body":  {verb: http.MethodPost, path: "/v1/stores?name=Toys", status: 400, reason: "MALFORMED_REQUEST", says: `"name"`},
		"a deadline of no unit":  {verb: http.MethodGet, path: "/v1/stores", header: []string{"Grpc-Timeout", "soon"}, status: 400, reason: "MALFORMED_REQUEST", says: "soon"},
		"too large":              {verb: http.MethodPost, path: "/v1/stores", body: large, status: 413, reason: "REQUEST_TOO_LARGE", says: "4 MiB"},
		"nowhere":                {verb: http.MethodGet, path: "/v1/shops", status: 404, reason: "ROUTE_NOT_FOUND", says: "/openapi.json"},
		"nowhere at all":         {verb: http.MethodGet, path: "/robots.txt", status: 404, reason: "ROUTE_NOT_FOUND"},
		"no such custom verb":    {verb: http.MethodPost, path: "/v1/baskets/" + anID + ":burn", status: 404, reason: "ROUTE_NOT_FOUND"},
		"an id that is not":      {verb: http.MethodGet, path: "/v1/orders/", status: 404, reason: "ROUTE_NOT_FOUND"},
		"the wrong method":       {verb: http.MethodPut, path: "/v1/stores", status: 405, reason: "METHOD_NOT_ALLOWED", allow: "GET, POST"},
		"a made up method":       {verb: "BREW", path: "/v1/orders/" + anID, status: 405, reason: "METHOD_NOT_ALLOWED", allow: "GET"},
		"a custom verb by GET":   {verb: http.MethodGet, path: "/v1/baskets/" + anID + ":checkout", status: 405, reason: "METHOD_NOT_ALLOWED", allow: "POST"},
		"a watch by POST":        {verb: http.MethodPost, path: "/v1/orders/" + anID + ":watch", status: 405, reason: "METHOD_NOT_ALLOWED", allow: "GET"},
		"a disguised method":     {verb: http.MethodPost, path: "/v1/orders/" + anID, header: []string{"X-HTTP-Method-Override", "GET", "Content-Type", "application/x-www-form-urlencoded"}, status: 405, reason: "METHOD_NOT_ALLOWED"},
		"a page by POST":         {verb: http.MethodPost, path: "/", status: 405, reason: "METHOD_NOT_ALLOWED", allow: "GET, HEAD"},
		"from a stranger's page": {verb: http.MethodPost, path: "/v1/stores", body: `{}`, header: []string{"Origin", "https://stranger.example"}, status: 403, reason: "CROSS_ORIGIN"},
	} {
		t.Run(name, func(t *testing.T) {
			resp, answer := e.call(test.verb, test.path, test.body, test.header...)
			require.Equal(t, test.status, resp.StatusCode, answer)
			st, reason := read(t, answer)
			require.Equal(t, test.reason, reason)
			require.Contains(t, st.Message, test.says)
			require.NotContains(t, answer, "a service that was reached")
			require.NotContains(t, st.Message, "\u00a0")
			if test.allow != "" {
				require.Equal(t, test.allow, resp.Header.Get("Allow"))
			}
			require.Empty(t, resp.Header.Get("Access-Control-Allow-Origin"))
		})
	}
	t.Run("too large, and not told before", func(t *testing.T) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+e.http+"/v1/stores", io.MultiReader(bytes.NewBufferString(large)))
		require.NoError(t, err)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		defer resp.Body.Close()
		require.Equal(t, http.StatusRequestEntityTooLarge, resp.StatusCode)
	})
}

func TestAPageOfTheMallItselfMayCall(t *testing.T) {
	e, _ := startWith(t, &ordering{})
	resp, _ := e.call(http.MethodPost, "/v1/orders/"+anID+":cancel", "{}", "Origin", "http://"+e.http, "Sec-Fetch-Site", "same-origin")
	require.Equal(t, http.StatusNotImplemented, resp.StatusCode, "it came through")
}

func TestACallInFlightIsFinishedWhenTheGatewayStops(t *testing.T) {
	begun, finish := make(chan struct{}), make(chan struct{})
	e, _ := startWith(t, &ordering{get: func(context.Context, string) (*orderingv1.Order, error) {
		close(begun)
		<-finish
		return &orderingv1.Order{Version: 3}, nil
	}})
	answers := make(chan string, 1)
	go func() {
		resp, err := http.Get("http://" + e.http + "/v1/orders/" + anID)
		if err != nil {
			answers <- err.Error()
			return
		}
		defer resp.Body.Close()
		answer, _ := io.ReadAll(resp.Body)
		answers <- string(answer)
	}()
	await(t, begun, "the call to arrive")
	e.stop()
	require.Eventually(t, func() bool { // no new ones
		conn, err := (&net.Dialer{}).Dial("tcp", e.http)
		if err == nil {
			conn.Close()
		}
		return err != nil
	}, patience, 5*time.Millisecond)
	close(finish)
	require.Contains(t, await(t, answers, "the answer"), `"version"`)
}

func TestTheServerBuildersOfTheMallAreNotNeededBehindIt(t *testing.T) {
	server := grpc.NewServer(grpc.UnknownServiceHandler(func(any, grpc.ServerStream) error {
		return status.Error(codes.PermissionDenied, "not you")
	}))
	listener := listen(t)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	resp, answer := start(t, map[string]string{"stores": listener.Addr().String()}).call(http.MethodGet, "/v1/stores", "")
	require.Equal(t, http.StatusForbidden, resp.StatusCode)
	require.Contains(t, answer, "not you")
}
