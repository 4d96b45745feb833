package service

import (
	"context"
	"fmt"
	"net"
)

// Serve runs a server of another protocol than gRPC at addr, host:port, as Go runs a loop: serve gets the listener, and a context that ends
// when the process drains; what is in flight may take rt.DrainTimeout from then on. The address is taken at once, so that one in use, or one
// that is no address, keeps the process from starting with an error that names the setting. Serve gives the address that was taken.
// Where the process encrypts, so does the server: as at the edge, if the process is one.
func (rt *Runtime) Serve(setting, addr string, serve func(ctx context.Context, listener net.Listener) error) (net.Addr, error) {
	if _, _, err := net.SplitHostPort(addr); err != nil {
		return nil, fmt.Errorf("%s must be host:port, such as 127.0.0.1:8080", setting)
	}
	listener, err := listen(context.Background(), setting, addr)
	if err != nil {
		return nil, err
	}
	taken := listener.Addr()
	rt.servers = append(rt.servers, listener)
	rt.Go(setting, func(ctx context.Context) error {
		if listener == nil { // it served before
			var err error
			if listener, err = listen(ctx, setting, taken.String()); err != nil {
				return err
			}
		}
		defer func() {
			_ = listener.Close()
			listener = nil
		}()
		return serve(ctx, rt.encrypted(listener))
	})
	return taken, nil
}

// closeServers gives the addresses back that Serve took, if the process ends before it serves.
func (rt *Runtime) closeServers() error {
	for _, listener := range rt.servers {
		if err := ignoreClosed(listener.Close()); err != nil {
			return err
		}
	}
	return nil
}
