// Package gateway is the edge of the mall: all public services behind one address, as gRPC and as JSON over HTTP. It has no state.
package gateway

import (
	"net"

	"google.golang.org/grpc"

	"mallbots.example/pkg/rpc"
	"mallbots.example/pkg/service"
	"mallbots.example/services/gateway/internal/rest"
	"mallbots.example/services/gateway/internal/routes"
)

// Settings are those that only this service has.
type Settings struct {
	// HTTPAddr is where JSON over HTTP and the page to try it on are served, host:port.
	HTTPAddr string `env:"MALLBOTS_HTTP_ADDR" envDefault:":8080"`
}

// Service is the table of contents of gateway: JSON over HTTP, and gRPC calls of what its process does not serve itself, which go to the
// service that does.
func Service() service.Service {
	s := JSON(nil)
	s.Unknown = func(rt *service.Runtime) grpc.StreamHandler {
		return routes.Once(rpc.NewProxy(routes.New(rt.Peer).Route))
	}
	return s
}

// JSON is gateway without the passing on of gRPC: for a process that has the services in it. listening, if not nil, is told the address on
// which it serves.
func JSON(listening func(addr net.Addr)) service.Service {
	settings := &Settings{}
	return service.Service{
		Name:     "gateway",
		Settings: settings,
		Build: func(rt *service.Runtime) error {
			edge, err := rest.New(rest.Config{Peer: rt.Peer, Log: rt.Log, Metrics: rt.Metrics, Grace: rt.DrainTimeout})
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
