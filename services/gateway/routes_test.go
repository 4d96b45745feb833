package gateway_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/emptypb"
)

// publicServices is what the mall offers to the world.
var publicServices = []string{
	"mallbots.stores.v1.StoresService", "mallbots.customers.v1.CustomersService", "mallbots.baskets.v1.BasketsService",
	"mallbots.ordering.v1.OrderingService", "mallbots.depot.v1.DepotService", "mallbots.payments.v1.PaymentsService",
	"mallbots.notifications.v1.NotificationsService", "mallbots.search.v1.SearchService",
}

// methodsOf are the methods of a service, by their contract.
func methodsOf(t *testing.T, name string) []protoreflect.MethodDescriptor {
	t.Helper()
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
	require.NoError(t, err)
	var methods []protoreflect.MethodDescriptor
	for i := range d.(protoreflect.ServiceDescriptor).Methods().Len() {
		methods = append(methods, d.(protoreflect.ServiceDescriptor).Methods().Get(i))
	}
	return methods
}

// refuseAll is a backend that refuses each call, and names itself and the method.
func refuseAll(t *testing.T, name string) string {
	t.Helper()
	server := grpc.NewServer(grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		method, _ := grpc.MethodFromServerStream(stream)
		return status.Error(codes.FailedPrecondition, name+" "+method)
	}))
	listener := listen(t)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		require.NoError(t, <-ended)
	})
	return listener.Addr().String()
}

func TestEachMethodGoesToItsService(t *testing.T) {
	peers := map[string]string{}
	for _, full := range publicServices {
		name := strings.Split(full, ".")[1]
		peers[name] = refuseAll(t, name)
	}
	conn := start(t, peers).conn()
	tried := 0
	for _, full := range publicServices {
		for _, method := range methodsOf(t, full) {
			name := "/" + full + "/" + string(method.Name())
			stream, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, name)
			require.NoError(t, err)
			require.NoError(t, stream.CloseSend())
			err = stream.RecvMsg(&emptypb.Empty{})
			require.Equal(t, codes.FailedPrecondition, status.Code(err), "%s: %v", name, err)
			require.Equal(t, strings.Split(full, ".")[1]+" "+name, status.Convert(err).Message())
			tried++
		}
	}
	require.Greater(t, tried, 40, "the contracts have more methods than this")
}
