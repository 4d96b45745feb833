// Package gateway is the edge of the mall: all public services behind one address. It has no state.
package gateway

import (
	"google.golang.org/grpc"

	"mallbots.example/pkg/rpc"
	"mallbots.example/pkg/service"
	"mallbots.example/services/gateway/internal/routes"
)

// Service is the table of contents of gateway: whatever its process does not serve itself goes to the service that does.
func Service() service.Service {
	return service.Service{
		Name:  "gateway",
		Build: func(*service.Runtime) error { return nil },
		Unknown: func(rt *service.Runtime) grpc.StreamHandler {
			return routes.Once(rpc.NewProxy(routes.New(rt.Peer).Route))
		},
	}
}
