package gateway

import (
	"net"

	"mallbots.example/pkg/service"
)

// ServiceTelling is Service, and tells the address on which it serves JSON.
func ServiceTelling(listening func(addr net.Addr)) service.Service { return alone(listening) }
