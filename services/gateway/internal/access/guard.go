package access

import (
	"fmt"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"mallbots.example/pkg/clock"
	"mallbots.example/pkg/rpc"
)

// Reasons of refusals.
const (
	ReasonTokenMissing = "TOKEN_MISSING"
	ReasonTokenUnknown = "TOKEN_UNKNOWN"
	ReasonRoleTooSmall = "ROLE_TOO_SMALL"
	ReasonRateLimited  = "RATE_LIMITED"
)

// Settings are those of a guard.
type Settings struct {
	// Tokens are who may call, a line each: name, role (customer, staff or admin) and the SHA-256 of the token in hex. Empty: everybody may
	// call everything.
	Tokens string `env:"MALLBOTS_API_TOKENS"`
	// RateLimit is how many calls a second a client may make, at this process; two seconds' worth may come at once. 0: as many as it likes.
	RateLimit float64 `env:"MALLBOTS_RATE_LIMIT" envDefault:"0"`
}

// Guard decides about calls from outside. Safe for concurrent use.
type Guard struct {
	tokens  tokens
	limits  *limits
	clock   clock.Clock
	refused *prometheus.CounterVec
}

// Caller is who calls, as the protocol tells it.
type Caller struct {
	// OfTheMall says that the connection is one of the mall's own, known by its certificate.
	OfTheMall bool
	// Authorization is the header or the metadata of that name.
	Authorization string
	// Addr is where the connection comes from, host:port.
	Addr string
}

// New makes a guard. Errors name the setting.
func New(s Settings, clk clock.Clock, metrics prometheus.Registerer) (*Guard, error) {
	g := &Guard{clock: clk, refused: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "gateway_refused_total", Help: "Calls that were refused before a service was asked, by reason.",
	}, []string{"reason"})}
	var err error
	if g.tokens, err = parseTokens(s.Tokens); err != nil {
		return nil, fmt.Errorf("MALLBOTS_API_TOKENS: %w", err)
	}
	if len(g.tokens) == 0 && strings.TrimSpace(s.Tokens) != "" {
		return nil, fmt.Errorf("MALLBOTS_API_TOKENS has comments and no token: leave it empty to let everybody call")
	}
	if g.limits, err = newLimits(s.RateLimit, maxClients); err != nil {
		return nil, fmt.Errorf("MALLBOTS_RATE_LIMIT: %w", err)
	}
	metrics.MustRegister(g.refused)
	for _, reason := range []string{ReasonTokenMissing, ReasonTokenUnknown, ReasonRoleTooSmall, ReasonRateLimited} {
		g.refused.WithLabelValues(reason) // from 0 on, so that the first refusal is seen as an increase
	}
	return g, nil
}

// Open reports whether everybody may call everything.
func (g *Guard) Open() bool { return len(g.tokens) == 0 }

// Idle reports whether the guard lets all calls pass.
func (g *Guard) Idle() bool { return g.Open() && g.limits == nil }

// Check gives the error with which a call is refused, or nil. Who has no token, or one that nobody has, is counted by address, so that
// tokens can't be tried faster than calls can be made. Health is everybody's, and so are the contracts, by reflection as by openapi.json.
func (g *Guard) Check(method string, c Caller) error {
	if c.OfTheMall || strings.HasPrefix(method, "/grpc.health.v1.") {
		return nil
	}
	token, sent := bearer(c.Authorization)
	known, ok := client{}, false
	if sent {
		known, ok = g.tokens.find(token)
	}
	key := "addr " + site(c.Addr)
	if ok {
		key = "name " + known.name
	}
	if wait, room := g.limits.take(key, g.clock.Now()); !room {
		return g.refuse(codes.ResourceExhausted, ReasonRateLimited, "too many calls, try again later",
			&errdetails.RetryInfo{RetryDelay: durationpb.New(wait)})
	}
	need := roleFor(method)
	switch {
	case g.Open(), strings.HasPrefix(method, "/grpc.reflection."):
		return nil
	case !sent:
		return g.refuse(codes.Unauthenticated, ReasonTokenMissing, "send a token: Authorization: Bearer <token>")
	case !ok:
		return g.refuse(codes.Unauthenticated, ReasonTokenUnknown, "nobody has this token")
	case known.role < need:
		return g.refuse(codes.PermissionDenied, ReasonRoleTooSmall, fmt.Sprintf("this call needs the role %s, the token has %s", need, known.role))
	default:
		return nil
	}
}

func (g *Guard) refuse(code codes.Code, reason, text string, details ...protoadapt.MessageV1) error {
	g.refused.WithLabelValues(reason).Inc()
	return rpc.Refusal(code, reason, text, details...)
}
