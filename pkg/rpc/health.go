package rpc

import (
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	reflectionalphapb "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// healthService is gRPC's health service that knows whether anybody has spoken about the server as a whole.
type healthService struct {
	*health.Server
	mu    sync.Mutex
	spoke bool
}

func newHealthService() *healthService {
	h := &healthService{Server: health.NewServer()}
	h.SetServingStatus("", healthpb.HealthCheckResponse_NOT_SERVING)
	return h
}

func (h *healthService) set(service string, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.spoke = h.spoke || service == ""
	state := healthpb.HealthCheckResponse_NOT_SERVING
	if ok {
		state = healthpb.HealthCheckResponse_SERVING
	}
	h.SetServingStatus(service, state)
}

// start makes the whole SERVING, unless SetServing has said otherwise.
func (h *healthService) start() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.spoke {
		h.SetServingStatus("", healthpb.HealthCheckResponse_SERVING)
	}
}

// registerReflection serves both versions: grpcurl asks for v1, older tools only know v1alpha.
func registerReflection(s *Server) {
	options := reflection.ServerOptions{Services: reflected{s}}
	reflectionpb.RegisterServerReflectionServer(s, reflection.NewServerV1(options))
	reflectionalphapb.RegisterServerReflectionServer(s, reflection.NewServer(options))
}

// reflected lists what clients can call: what is registered and, behind a proxy, the mall's services.
type reflected struct{ server *Server }

func (r reflected) GetServiceInfo() map[string]grpc.ServiceInfo {
	info := r.server.GetServiceInfo()
	if r.server.cfg.Unknown == nil {
		return info
	}
	for _, service := range mallServices(protoregistry.GlobalFiles) {
		if name := string(service.FullName()); info[name].Methods == nil {
			info[name] = grpc.ServiceInfo{Metadata: service.ParentFile().Path()}
		}
	}
	return info
}
