// Package rpc serves stores' gRPC API: protobuf on one side, use cases on the other. Errors are mapped by pkg/rpc.
package rpc

import (
	storesv1 "mallbots.example/api/mallbots/stores/v1"
	"mallbots.example/services/stores/internal/app"
)

// Server implements mallbots.stores.v1.StoresService.
type Server struct {
	storesv1.UnimplementedStoresServiceServer
	app *app.App
}

// NewServer serves a.
func NewServer(a *app.App) *Server { return &Server{app: a} }
