package rest

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"mallbots.example/services/gateway/internal/routes"
)

// route is one RPC by its REST name.
type route struct {
	method         string // of gRPC: /mallbots.baskets.v1.BasketsService/CheckoutBasket
	verb, template string // as in the contract: POST, /v1/baskets/{id}:checkout
	input          protoreflect.MessageDescriptor
	hasBody        bool // all of the request is in the body and the path, nothing in the query
	streams        bool
	path           *regexp.Regexp
}

// variable is a part of a template that stands for a value. Values are ids: none has a colon, which begins a custom verb.
var variable = regexp.MustCompile(`\\\{[a-z_]+\\\}`)

// table has every route under "VERB template".
type table map[string]*route

// newTable reads the routes from the contracts. The generated handlers know them as well, but not what they stand for.
func newTable(methods []protoreflect.MethodDescriptor) (table, error) {
	t := table{}
	for _, method := range methods {
		rule, _ := proto.GetExtension(method.Options(), annotations.E_Http).(*annotations.HttpRule)
		r := &route{method: routes.FullMethod(method), input: method.Input(), hasBody: rule.GetBody() == "*", streams: method.IsStreamingServer()}
		switch pattern := rule.GetPattern().(type) {
		case *annotations.HttpRule_Get:
			r.verb, r.template = http.MethodGet, pattern.Get
		case *annotations.HttpRule_Post:
			r.verb, r.template = http.MethodPost, pattern.Post
		case *annotations.HttpRule_Delete:
			r.verb, r.template = http.MethodDelete, pattern.Delete
		default:
			return nil, fmt.Errorf("rest: %s has no route, or one of a kind that is not used here", method.FullName())
		}
		r.path = regexp.MustCompile("^" + variable.ReplaceAllString(regexp.QuoteMeta(r.template), "[^/:]+") + "$")
		if t[r.name()] != nil {
			return nil, fmt.Errorf("rest: %s and another RPC have the route %s", method.FullName(), r.name())
		}
		t[r.name()] = r
	}
	return t, nil
}

// name of a route, for metrics, logs and traces.
func (r *route) name() string { return r.verb + " " + r.template }

// of is the route that a pattern of the generated code is.
func (t table) of(verb string, pattern runtime.Pattern) *route {
	return t[verb+" "+strings.ReplaceAll(pattern.String(), "=*}", "}")]
}

// allowed are the methods that a path can be called with.
func (t table) allowed(path string) []string {
	verbs := map[string]bool{}
	for _, r := range t {
		if r.path.MatchString(path) {
			verbs[r.verb] = true
		}
	}
	return slices.Sorted(maps.Keys(verbs))
}

// unknown names a parameter of the query that the request does not have, if there is one. The generated code drops those without a word,
// and a filter that is misspelt would show everything.
func (r *route) unknown(query url.Values) (name string, found bool) {
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if r.hasBody || !hasField(r.input, strings.Split(name, ".")) {
			return name, true
		}
	}
	return "", false
}

// hasField reports whether a message has a field at a path of names, each as in the contract or as in JSON.
func hasField(message protoreflect.MessageDescriptor, path []string) bool {
	if message == nil {
		return false
	}
	field := message.Fields().ByTextName(path[0])
	if field == nil {
		field = message.Fields().ByJSONName(path[0])
	}
	if field == nil {
		return false
	}
	return len(path) == 1 || !field.IsList() && hasField(field.Message(), path[1:])
}
