package rpc

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoregistry"
)

// The retry policy: 4 tries within about half a second ride out a rollout or a broken connection, and stay well inside DefaultTimeout.
// The throttle stops retries for a target when more than half of its last calls failed: retries must not finish off a sick service.
const (
	retryAttempts     = 4
	retryFirstBackoff = "0.05s"
	retryMaxBackoff   = "1s"
	throttleTokens    = 100
	throttleRatio     = 0.1
)

// readVerbs begin the names of methods that change nothing, so that trying again is always right (AIP-131, 132, 136).
var readVerbs = []string{"Get", "List", "Search", "Watch"}

type serviceConfigJSON struct {
	LoadBalancingConfig []map[string]struct{} `json:"loadBalancingConfig"`
	MethodConfig        []methodConfigJSON    `json:"methodConfig,omitempty"`
	RetryThrottling     retryThrottlingJSON   `json:"retryThrottling"`
}

type methodConfigJSON struct {
	Name        []methodNameJSON `json:"name"`
	RetryPolicy retryPolicyJSON  `json:"retryPolicy"`
}

type methodNameJSON struct {
	Service string `json:"service"`
	Method  string `json:"method"`
}

type retryPolicyJSON struct {
	MaxAttempts          int      `json:"maxAttempts"`
	InitialBackoff       string   `json:"initialBackoff"`
	MaxBackoff           string   `json:"maxBackoff"`
	BackoffMultiplier    float64  `json:"backoffMultiplier"`
	RetryableStatusCodes []string `json:"retryableStatusCodes"`
}

type retryThrottlingJSON struct {
	MaxTokens  float64 `json:"maxTokens"`
	TokenRatio float64 `json:"tokenRatio"`
}

// serviceConfig is gRPC's service config (grpc/doc/service_config.md) for the contracts in files: round robin, and retries for the
// methods that may be tried again. It names every method, because service configs know no patterns.
func serviceConfig(files *protoregistry.Files, more []string) (string, error) {
	config := serviceConfigJSON{
		LoadBalancingConfig: []map[string]struct{}{{"round_robin": {}}},
		RetryThrottling:     retryThrottlingJSON{throttleTokens, throttleRatio},
	}
	if names := retryable(files, more); len(names) > 0 {
		config.MethodConfig = []methodConfigJSON{{Name: names, RetryPolicy: retryPolicyJSON{
			MaxAttempts: retryAttempts, InitialBackoff: retryFirstBackoff, MaxBackoff: retryMaxBackoff, BackoffMultiplier: 2,
			RetryableStatusCodes: []string{"UNAVAILABLE"},
		}}}
	}
	text, err := json.Marshal(config)
	if err != nil {
		return "", fmt.Errorf("rpc: service config: %w", err)
	}
	return string(text), nil
}

func retryable(files *protoregistry.Files, more []string) []methodNameJSON {
	var names []methodNameJSON
	seen := map[methodNameJSON]bool{} // a name that comes twice makes the service config invalid
	add := func(name methodNameJSON) {
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	for _, service := range mallServices(files) {
		for i := range service.Methods().Len() {
			if method := string(service.Methods().Get(i).Name()); reads(method) {
				add(methodNameJSON{string(service.FullName()), method})
			}
		}
	}
	for _, full := range more {
		service, method, _ := splitMethod(full)
		add(methodNameJSON{service, method})
	}
	return names
}

// reads reports whether a method's first word is a verb that changes nothing: ListOrders, but not Listen.
func reads(method string) bool {
	for _, verb := range readVerbs {
		rest, ok := strings.CutPrefix(method, verb)
		if next, _ := utf8.DecodeRuneInString(rest); ok && !unicode.IsLower(next) {
			return true
		}
	}
	return false
}
