package gateway_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/rpc"
	"mallbots.example/pkg/service"
)

func TestAUnaryCallPassesWithItsAnswerAndMetadata(t *testing.T) {
	order := &orderingv1.Order{
		Id: id.UUIDv7(), Version: 3, Status: orderingv1.OrderStatus_ORDER_STATUS_READY,
		Total: &typev1.Money{CurrencyCode: "USD", MinorUnits: 1234},
	}
	_, client := startWith(t, &ordering{get: func(ctx context.Context, id string) (*orderingv1.Order, error) {
		md, _ := metadata.FromIncomingContext(ctx)
		if got := strings.Join(md.Get("kiosk"), ""); got != "seven" {
			return nil, fault.Refuse("NO_KIOSK", "the metadata is %v", md)
		}
		if err := grpc.SetHeader(ctx, metadata.Pairs("counter", "two")); err != nil {
			return nil, err
		}
		require.Equal(t, order.GetId(), id)
		return order, nil
	}})
	var header metadata.MD
	ctx := metadata.AppendToOutgoingContext(t.Context(), "kiosk", "seven")
	resp, err := client.GetOrder(ctx, &orderingv1.GetOrderRequest{Id: order.GetId()}, grpc.Header(&header))
	require.NoError(t, err)
	require.True(t, proto.Equal(order, resp.GetOrder()), "%v", resp)
	require.Equal(t, []string{"two"}, header.Get("counter"))
}

func TestAnErrorPassesWithItsDetails(t *testing.T) {
	_, client := startWith(t, &ordering{get: func(context.Context, string) (*orderingv1.Order, error) {
		return nil, fault.Missing("ORDER_NOT_FOUND", "there is no such order")
	}})
	_, err := client.GetOrder(t.Context(), &orderingv1.GetOrderRequest{Id: id.UUIDv7()})
	refusal, ok := fault.As(rpc.FromStatus(err))
	require.True(t, ok, "%v", err)
	require.Equal(t, &fault.Error{Kind: fault.NotFound, Reason: "ORDER_NOT_FOUND", Message: "there is no such order"}, refusal)

	_, err = client.GetOrder(t.Context(), &orderingv1.GetOrderRequest{Id: "seven"}) // what the service's own validation says
	refusal, ok = fault.As(rpc.FromStatus(err))
	require.True(t, ok, "%v", err)
	require.Equal(t, "INVALID_FIELD", refusal.Reason)
	require.Equal(t, "id", refusal.Fields[0].Name)
}

func TestAStreamPassesMessageByMessageUntilItsEnd(t *testing.T) {
	next := make(chan *orderingv1.Order)
	_, client := startWith(t, &ordering{watch: func(ctx context.Context, _ string, send func(*orderingv1.Order) error) error {
		if err := grpc.SetTrailer(ctx, metadata.Pairs("seen", "all")); err != nil {
			return err
		}
		for order := range next {
			if err := send(order); err != nil {
				return err
			}
		}
		return nil
	}})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	stream, err := client.WatchOrder(ctx, &orderingv1.WatchOrderRequest{Id: id.UUIDv7()})
	require.NoError(t, err)
	for version := range int64(5) { // each is read before the next is sent: nothing waits in between for more
		next <- &orderingv1.Order{Version: version + 1}
		resp, err := stream.Recv()
		require.NoError(t, err)
		require.Equal(t, version+1, resp.GetOrder().GetVersion())
	}
	close(next)
	_, err = stream.Recv()
	require.ErrorIs(t, err, io.EOF)
	require.Equal(t, []string{"all"}, stream.Trailer().Get("seen"))
}

func TestAStreamThatTheClientLeavesEndsBehindTheGateway(t *testing.T) {
	left := make(chan error, 1)
	_, client := startWith(t, &ordering{watch: func(ctx context.Context, _ string, send func(*orderingv1.Order) error) error {
		if err := send(&orderingv1.Order{Version: 1}); err != nil {
			return err
		}
		<-ctx.Done()
		left <- ctx.Err()
		return ctx.Err()
	}})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stream, err := client.WatchOrder(ctx, &orderingv1.WatchOrderRequest{Id: id.UUIDv7()})
	require.NoError(t, err)
	_, err = stream.Recv()
	require.NoError(t, err)
	cancel()
	require.ErrorIs(t, await(t, left, "the watcher to be gone"), context.Canceled)
}

func TestAStreamIsToldToGoElsewhereWhenTheGatewayStops(t *testing.T) {
	e, client := startWith(t, &ordering{watch: func(ctx context.Context, _ string, send func(*orderingv1.Order) error) error {
		if err := send(&orderingv1.Order{Version: 1}); err != nil {
			return err
		}
		<-ctx.Done()
		return ctx.Err()
	}})
	stream, err := client.WatchOrder(t.Context(), &orderingv1.WatchOrderRequest{Id: id.UUIDv7()})
	require.NoError(t, err)
	_, err = stream.Recv()
	require.NoError(t, err)
	e.stop()
	_, err = stream.Recv()
	require.Equal(t, codes.Unavailable, status.Code(err), "%v", err)
	require.Equal(t, rpc.ReasonDraining, rpc.Reason(err))
}

func TestACallEndsWithItsDeadlineOnBothSides(t *testing.T) {
	ended := make(chan error, 1)
	_, client := startWith(t, &ordering{get: func(ctx context.Context, _ string) (*orderingv1.Order, error) {
		<-ctx.Done()
		ended <- ctx.Err()
		return nil, ctx.Err()
	}})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := client.GetOrder(ctx, &orderingv1.GetOrderRequest{Id: id.UUIDv7()})
	require.Equal(t, codes.DeadlineExceeded, status.Code(err), "%v", err)
	await(t, ended, "the call behind the gateway to end")
}

func TestDeadlinesBehindTheGateway(t *testing.T) {
	deadlines := make(chan time.Time, 1)
	tell := func(ctx context.Context) {
		deadline, _ := ctx.Deadline()
		deadlines <- deadline
	}
	e, _ := startWith(t, &ordering{
		get: func(ctx context.Context, _ string) (*orderingv1.Order, error) {
			tell(ctx)
			return &orderingv1.Order{}, nil
		},
		watch: func(ctx context.Context, _ string, _ func(*orderingv1.Order) error) error {
			tell(ctx)
			return nil
		},
	})
	// Not by the mall's own client, which sets a deadline where there is none.
	conn, err := grpc.NewClient(e.grpc, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	defer conn.Close()
	client := orderingv1.NewOrderingServiceClient(conn)

	t.Run("the client's is passed on a little shorter", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := client.GetOrder(ctx, &orderingv1.GetOrderRequest{Id: id.UUIDv7()})
		require.NoError(t, err)
		mine, _ := ctx.Deadline()
		theirs := await(t, deadlines, "the call")
		require.True(t, theirs.Before(mine), "%v is not before %v", theirs, mine)
		require.WithinDuration(t, mine, theirs, patience)
	})
	t.Run("a unary call has one in any case", func(t *testing.T) {
		_, err := client.GetOrder(t.Context(), &orderingv1.GetOrderRequest{Id: id.UUIDv7()})
		require.NoError(t, err)
		require.WithinRange(t, await(t, deadlines, "the call"), time.Now(), time.Now().Add(rpc.DefaultTimeout))
	})
	t.Run("a stream may live for ever", func(t *testing.T) {
		stream, err := client.WatchOrder(t.Context(), &orderingv1.WatchOrderRequest{Id: id.UUIDv7()})
		require.NoError(t, err)
		_, err = stream.Recv()
		require.ErrorIs(t, err, io.EOF)
		require.Zero(t, await(t, deadlines, "the call"))
	})
}

func TestAServiceThatIsDownIsUnavailableAndAllElseGoesOn(t *testing.T) {
	e, client := startWith(t, &ordering{get: func(context.Context, string) (*orderingv1.Order, error) {
		return &orderingv1.Order{Version: 1}, nil
	}})
	_, err := storesv1.NewStoresServiceClient(e.conn()).GetStore(t.Context(), &storesv1.GetStoreRequest{Id: id.UUIDv7()})
	require.Equal(t, codes.Unavailable, status.Code(err), "%v", err)
	require.NotContains(t, status.Convert(err).Message(), "127.0.0.1", "where services live is not for the world")
	_, err = client.GetOrder(t.Context(), &orderingv1.GetOrderRequest{Id: id.UUIDv7()})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, e.readyz(), "the gateway is ready by itself: restarting it would not bring stores back")
}

func TestWhatIsNotPublicIsUnimplemented(t *testing.T) {
	everything := refuseAll(t, "a service that was reached")
	peers := map[string]string{}
	for _, name := range []string{"cosec", "ops", "saga", "bots", "gateway", "stores"} {
		peers[name] = everything
	}
	conn := start(t, peers).conn()
	for _, method := range []string{
		"/mallbots.cosec.v1.CosecService/ListSagas",
		"/mallbots.ops.v1.OpsService/ListDeadLetters",
		"/mallbots.saga.v1.SagaService/Get",
		"/mallbots.bots.v1.BotsService/List",
		"/mallbots.gateway.v1.GatewayService/Get",
		"/mallbots.stores.v1.StoresService/Nothing",
		"/mallbots.stores.v1.OtherService/GetStore",
		"/mallbots.stores.v2.StoresService/GetStore",
		"/mallbots.stores.v1.StoresService/GetStore/",
		"/stores/GetStore",
	} {
		err := conn.Invoke(t.Context(), method, &emptypb.Empty{}, &emptypb.Empty{})
		require.Equal(t, codes.Unimplemented, status.Code(err), "%s: %v", method, err)
	}
}

func TestReflectionListsAllPublicServices(t *testing.T) {
	client := reflectionpb.NewServerReflectionClient(start(t, nil).conn())
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	stream, err := client.ServerReflectionInfo(ctx)
	require.NoError(t, err)
	require.NoError(t, stream.Send(&reflectionpb.ServerReflectionRequest{
		MessageRequest: &reflectionpb.ServerReflectionRequest_ListServices{},
	}))
	resp, err := stream.Recv()
	require.NoError(t, err)
	var names []string
	for _, s := range resp.GetListServicesResponse().GetService() {
		names = append(names, s.GetName())
	}
	require.Subset(t, names, publicServices)
	for _, name := range publicServices {
		require.NoError(t, stream.Send(&reflectionpb.ServerReflectionRequest{
			MessageRequest: &reflectionpb.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: name},
		}))
		resp, err := stream.Recv()
		require.NoError(t, err)
		require.NotEmpty(t, resp.GetFileDescriptorResponse().GetFileDescriptorProto(), "%s: %v", name, resp.GetErrorResponse())
	}
	require.NoError(t, stream.CloseSend())
}

// In the process of all services, peers are the process itself. If it lacks one, its calls come back to the gateway.
func TestACallThatComesBackDoesNotGoRound(t *testing.T) {
	e := run(t, &service.Process{Local: true})
	client := orderingv1.NewOrderingServiceClient(e.conn())
	_, err := client.GetOrder(t.Context(), &orderingv1.GetOrderRequest{Id: id.UUIDv7()})
	require.Equal(t, codes.Internal, status.Code(err), "%v", err)
	stream, err := client.WatchOrder(t.Context(), &orderingv1.WatchOrderRequest{Id: id.UUIDv7()})
	require.NoError(t, err)
	_, err = stream.Recv()
	require.Equal(t, codes.Internal, status.Code(err), "%v", err)
}
