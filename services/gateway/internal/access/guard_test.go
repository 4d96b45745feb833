package access

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	searchv1 "mallbots.example/api/mallbots/search/v1"
	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/rpc"
	"mallbots.example/services/gateway/internal/routes"
)

const (
	customerCall = orderingv1.OrderingService_GetOrder_FullMethodName
	staffCall    = paymentsv1.PaymentsService_PayInvoice_FullMethodName
	adminCall    = searchv1.SearchService_RebuildOrders_FullMethodName
	noCall       = "/mallbots.cosec.v1.CosecService/ListSagas"
)

func newGuard(t *testing.T, s Settings) (*Guard, *clock.Manual) {
	t.Helper()
	clk := clock.NewManual(start)
	g, err := New(s, clk, prometheus.NewRegistry())
	require.NoError(t, err)
	return g, clk
}

func threeClients() Settings {
	return Settings{Tokens: "kiosk customer " + hashOf("one") + "\ncounter staff " + hashOf("two") + "\nboss admin " + hashOf("three")}
}

func TestEachPublicRPCHasARoleAndNothingElseHas(t *testing.T) {
	public := map[string]bool{}
	for _, method := range routes.Methods() {
		name := routes.FullMethod(method)
		public[name] = true
		require.Contains(t, roleNames, needed[name], "%s has no role: add it to the table in roles.go", name)
	}
	for name := range needed {
		require.True(t, public[name], "%s is in the table in roles.go and not public", name)
	}
	require.Equal(t, Admin, roleFor(noCall), "what is not public is nobody else's business")
}

func TestWhoMayCallWhat(t *testing.T) {
	g, _ := newGuard(t, threeClients())
	for _, test := range []struct {
		authorization, method string
		code                  codes.Code
		reason                string
	}{
		{"", customerCall, codes.Unauthenticated, ReasonTokenMissing},
		{"one", customerCall, codes.Unauthenticated, ReasonTokenMissing},
		{"Basic one", customerCall, codes.Unauthenticated, ReasonTokenMissing},
		{"Bearer four", customerCall, codes.Unauthenticated, ReasonTokenUnknown},
		{"Bearer one, Bearer two", customerCall, codes.Unauthenticated, ReasonTokenUnknown},
		{"Bearer four", noCall, codes.Unauthenticated, ReasonTokenUnknown},
		{"Bearer one", customerCall, codes.OK, ""},
		{"bearer one", customerCall, codes.OK, ""},
		{"Bearer one", staffCall, codes.PermissionDenied, ReasonRoleTooSmall},
		{"Bearer one", adminCall, codes.PermissionDenied, ReasonRoleTooSmall},
		{"Bearer one", noCall, codes.PermissionDenied, ReasonRoleTooSmall},
		{"Bearer two", customerCall, codes.OK, ""},
		{"Bearer two", staffCall, codes.OK, ""},
		{"Bearer two", adminCall, codes.PermissionDenied, ReasonRoleTooSmall},
		{"Bearer three", customerCall, codes.OK, ""},
		{"Bearer three", staffCall, codes.OK, ""},
		{"Bearer three", adminCall, codes.OK, ""},
		{"", healthv1.Health_Check_FullMethodName, codes.OK, ""},
		{"", grpc_reflection_v1.ServerReflection_ServerReflectionInfo_FullMethodName, codes.OK, ""},
	} {
		err := g.Check(test.method, Caller{Authorization: test.authorization, Addr: "192.0.2.7:1"})
		require.Equal(t, test.code, status.Code(err), "%v: %v", test, err)
		require.Equal(t, test.reason, rpc.Reason(err), "%v: %v", test, err)
		require.NoError(t, g.Check(test.method, Caller{OfTheMall: true}), "the mall's own calls")
	}
	err := g.Check(staffCall, Caller{Authorization: "Bearer one"})
	require.ErrorContains(t, err, "needs the role staff, the token has customer")
	require.InDelta(t, 5, testutil.ToFloat64(g.refused.WithLabelValues(ReasonRoleTooSmall)), 0)
	require.InDelta(t, 3, testutil.ToFloat64(g.refused.WithLabelValues(ReasonTokenMissing)), 0)
}

func TestWithoutTokensEverybodyMayCall(t *testing.T) {
	g, _ := newGuard(t, Settings{})
	require.True(t, g.Open() && g.Idle())
	require.NoError(t, g.Check(adminCall, Caller{}))
	require.NoError(t, g.Check(adminCall, Caller{Authorization: "Bearer one"}))
}

func TestHowOftenAClientMayCall(t *testing.T) {
	settings := threeClients()
	settings.RateLimit = 1
	g, clk := newGuard(t, settings)
	kiosk := Caller{Authorization: "Bearer one", Addr: "192.0.2.7:1"}
	elsewhere := Caller{Authorization: "Bearer one", Addr: "192.0.2.8:1"}
	counter := Caller{Authorization: "Bearer two", Addr: "192.0.2.7:1"}

	require.NoError(t, g.Check(customerCall, kiosk))
	require.NoError(t, g.Check(customerCall, elsewhere))
	err := g.Check(customerCall, kiosk)
	require.Equal(t, codes.ResourceExhausted, status.Code(err))
	require.Equal(t, ReasonRateLimited, rpc.Reason(err))
	var retry *errdetails.RetryInfo
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok {
			retry = info
		}
	}
	require.Equal(t, time.Second, retry.GetRetryDelay().AsDuration())
	require.Equal(t, ReasonRateLimited, rpc.Reason(g.Check(customerCall, elsewhere)), "a token's calls count together, wherever they come from")
	require.NoError(t, g.Check(customerCall, counter), "another token counts apart")
	require.NoError(t, g.Check(healthv1.Health_Check_FullMethodName, kiosk), "health does not count")
	require.NoError(t, g.Check(customerCall, Caller{OfTheMall: true, Addr: "192.0.2.7:1"}), "nor does the mall itself")

	clk.Advance(retry.GetRetryDelay().AsDuration())
	require.NoError(t, g.Check(customerCall, kiosk))
}

func TestTokensCannotBeTriedFasterThanCallsAreMade(t *testing.T) {
	settings := threeClients()
	settings.RateLimit = 1
	g, _ := newGuard(t, settings)
	guess := func(token, addr string) string {
		return rpc.Reason(g.Check(customerCall, Caller{Authorization: "Bearer " + token, Addr: addr}))
	}
	require.Equal(t, ReasonTokenUnknown, guess("a", "192.0.2.7:1"))
	require.Equal(t, ReasonTokenUnknown, guess("b", "192.0.2.7:2"))
	require.Equal(t, ReasonRateLimited, guess("c", "192.0.2.7:3"))
	require.Equal(t, ReasonTokenUnknown, guess("c", "192.0.2.8:1"))
	require.Empty(t, guess("one", "192.0.2.7:1"), "who has a token does not suffer from a neighbour")
}

func TestSettingsThatCannotBeUsedAreNamed(t *testing.T) {
	for says, s := range map[string]Settings{
		"MALLBOTS_API_TOKENS: line 1":         {Tokens: "secret"},
		"MALLBOTS_API_TOKENS has comments":    {Tokens: "# secret"},
		"MALLBOTS_RATE_LIMIT: must be from 0": {RateLimit: -1},
	} {
		_, err := New(s, clock.System{}, prometheus.NewRegistry())
		require.ErrorContains(t, err, says)
		require.NotContains(t, err.Error(), "secret")
	}
}
