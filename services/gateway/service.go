// Package gateway is the edge of the mall: all public services behind one address, as gRPC and as JSON over HTTP. It has no state.
package gateway

import (
	"errors"
	"net"

	"google.golang.org/grpc"

	"mallbots.example/pkg/rpc"
	"mallbots.example/pkg/service"
	"mallbots.example/services/gateway/internal/access"
	"mallbots.example/services/gateway/internal/rest"
	"mallbots.example/services/gateway/internal/routes"
)

// Settings are those that only this service has.
type Settings struct {
	// HTTPAddr is where JSON over HTTP and the page to try it on are served, host:port.
	HTTPAddr string `env:"MALLBOTS_HTTP_ADDR" envDefault:":8080"`
	access.Settings
}

// Service is the table of contents of gateway: JSON over HTTP, and gRPC calls of what its process does not serve itself, which go to the
// service that does. Before either there is a guard: tokens and limits, if the settings have them.
func Service() service.Service { return alone(nil) }

func alone(listening func(addr net.Addr)) service.Service {
	s := edge(listening, func(*service.Runtime) error { return nil })
	s.Unknown = func(rt *service.Runtime) grpc.StreamHandler {
		return routes.Once(rpc.NewProxy(routes.New(rt.Peer).Route))
	}
	return s
}

// JSON is gateway without the passing on of gRPC: for a process that has the services in it. listening, if not nil, is told the address on
// which it serves.
func JSON(listening func(addr net.Addr)) service.Service {
	return edge(listening, func(rt *service.Runtime) error {
		if rt.TLS() {
			return nil
		}
		return errors.New("MALLBOTS_API_TOKENS and MALLBOTS_RATE_LIMIT need MALLBOTS_TLS_DIR where services share the process: " +
			"the calls between them come the same way as those from outside, and are known by their certificate")
	})
}

// edge is what both have. canGuard says whether the process can tell its own calls from those from outside.
func edge(listening func(addr net.Addr), canGuard func(rt *service.Runtime) error) service.Service {
	settings := &Settings{}
	var guard *access.Guard
	return service.Service{
		Name:     "gateway",
		Settings: settings,
		Guard: func(rt *service.Runtime) (service.Guard, error) {
			var err error
			if guard, err = access.New(settings.Settings, rt.Clock, rt.Metrics); err != nil {
				return service.Guard{}, err
			}
			if guard.Open() {
				rt.Log.Info("everybody may call everything: MALLBOTS_API_TOKENS is empty")
			}
			if guard.Idle() {
				return service.Guard{}, nil
			}
			return service.Guard{Unary: guard.Unary, Stream: guard.Stream}, canGuard(rt)
		},
		Build: func(rt *service.Runtime) error {
			edge, err := rest.New(rest.Config{
				Peer: rt.Peer, Check: guard.CheckHTTP, Log: rt.Log, Metrics: rt.Metrics, Grace: rt.DrainTimeout,
			})
			if err != nil {
				return err
			}
			addr, err := rt.Serve("MALLBOTS_HTTP_ADDR", settings.HTTPAddr, edge.Serve)
			if err != nil {
				return err
			}
			rt.Log.Info("listening", "http", addr.String())
			if listening != nil {
				listening(addr)
			}
			return nil
		},
	}
}
