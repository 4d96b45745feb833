package rpc

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

const (
	// packagePrefix is how the protobuf packages of the mall start.
	packagePrefix    = "mallbots."
	healthPrefix     = "/grpc.health.v1."
	reflectionPrefix = "/grpc.reflection."
	// unknownMethod labels calls of methods that no contract knows: their names come from outside and have no bound.
	unknownMethod = "unknown"
)

// call is what the interceptors need to know about a method.
type call struct {
	method string // for metrics and logs: full method, or unknownMethod
	unary  bool
}

// streamCall describes a call that arrived at the stream interceptors. srv is nil for those of the unknown-service handler (the
// proxy): gRPC treats them all as streams, so whether they are unary is looked up in the contracts.
func streamCall(srv any, fullMethod string) call {
	if srv != nil {
		return call{method: fullMethod}
	}
	d := describe(fullMethod)
	if d == nil {
		return call{method: unknownMethod}
	}
	return call{method: fullMethod, unary: !d.IsStreamingClient() && !d.IsStreamingServer()}
}

// describe finds a method ("/package.Service/Method") in the contracts linked into this process, or gives nil.
func describe(fullMethod string) protoreflect.MethodDescriptor {
	service, method, ok := splitMethod(fullMethod)
	if !ok {
		return nil
	}
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service + "." + method))
	if err != nil {
		return nil
	}
	md, _ := d.(protoreflect.MethodDescriptor)
	return md
}

func splitMethod(fullMethod string) (service, method string, ok bool) {
	return strings.Cut(strings.TrimPrefix(fullMethod, "/"), "/")
}

// mallServices lists the mall's services in the contracts linked into this process.
func mallServices(files *protoregistry.Files) []protoreflect.ServiceDescriptor {
	var found []protoreflect.ServiceDescriptor
	files.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		if !strings.HasPrefix(string(file.Package()), packagePrefix) {
			return true
		}
		for i := range file.Services().Len() {
			found = append(found, file.Services().Get(i))
		}
		return true
	})
	slices.SortFunc(found, func(a, b protoreflect.ServiceDescriptor) int {
		return strings.Compare(string(a.FullName()), string(b.FullName()))
	})
	return found
}

// isFramework reports whether gRPC itself answers the method, with statuses of its own that are meant for clients.
func isFramework(fullMethod string) bool {
	return isHealth(fullMethod) || strings.HasPrefix(fullMethod, reflectionPrefix)
}

func isHealth(fullMethod string) bool { return strings.HasPrefix(fullMethod, healthPrefix) }
