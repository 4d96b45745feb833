package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
	"mallbots.example/pkg/rpc"
)

// ordering is a gateway of the test that knows one order.
type ordering struct {
	orderingv1.UnimplementedOrderingServiceServer
	order *orderingv1.Order
	watch func(stream grpc.ServerStreamingServer[orderingv1.WatchOrderResponse]) error
}

func (o *ordering) GetOrder(_ context.Context, req *orderingv1.GetOrderRequest) (*orderingv1.GetOrderResponse, error) {
	if req.GetId() != orderID {
		refusal, err := status.New(codes.NotFound, "there is no order "+req.GetId()).WithDetails(
			&errdetails.ErrorInfo{Reason: "ORDER_NOT_FOUND", Domain: "mallbots.example"})
		if err != nil {
			return nil, err
		}
		return nil, refusal.Err()
	}
	return &orderingv1.GetOrderResponse{Order: o.order}, nil
}

func (o *ordering) WatchOrder(_ *orderingv1.WatchOrderRequest, stream grpc.ServerStreamingServer[orderingv1.WatchOrderResponse]) error {
	return o.watch(stream)
}

// serve runs a gateway and gives where it listens.
func serve(t *testing.T, o *ordering) (addr string, server *grpc.Server) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server = grpc.NewServer()
	orderingv1.RegisterOrderingServiceServer(server, o)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().String(), server
}

func anOrder(version int64, orderStatus orderingv1.OrderStatus) *orderingv1.Order {
	return &orderingv1.Order{
		Id: orderID, CustomerId: "customer-1", PaymentId: "payment-1", Status: orderStatus, Version: version,
		Total: &typev1.Money{CurrencyCode: "USD", MinorUnits: 5148},
		Items: []*orderingv1.OrderItem{
			{ProductName: "The Pragmatic Robot", StoreName: "Waldorf Books", Quantity: 2, Price: &typev1.Money{CurrencyCode: "USD", MinorUnits: 2499}},
			{ProductName: "Bookmark", StoreName: "Waldorf Books", Quantity: 1, Price: &typev1.Money{CurrencyCode: "USD", MinorUnits: 150}},
		},
	}
}

func TestAnOrderIsShown(t *testing.T) {
	m := newMall()
	m.add("gateway", "gateway-1")
	rejected := anOrder(2, orderingv1.OrderStatus_ORDER_STATUS_REJECTED)
	rejected.RejectReason = "OUT_OF_STOCK"
	m.ports["gateway-1:9000"], _ = serve(t, &ordering{order: rejected})
	out, _, err := execute(t, m.cluster(), "orders", "get", orderID)
	require.NoError(t, err)
	require.Equal(t, `Order:      `+orderID+`
Status:     rejected (OUT_OF_STOCK)
Customer:   customer-1
Payment:    payment-1
Total:      USD 51.48

QUANTITY   PRODUCT               STORE           PRICE
2          The Pragmatic Robot   Waldorf Books   USD 24.99
1          Bookmark              Waldorf Books   USD 1.50
`, out)
	out, _, err = execute(t, m.cluster(), "orders", "get", orderID, "-o", "json")
	require.NoError(t, err)
	require.JSONEq(t, `"OUT_OF_STOCK"`, jsonField(t, out, "rejectReason"))

	_, _, err = execute(t, m.cluster(), "orders", "get", "0198c1b2-0000-7000-8000-000000000000")
	require.EqualError(t, err, "there is no order 0198c1b2-0000-7000-8000-000000000000 (ORDER_NOT_FOUND)")
}

// The first gateway dies after it has shown two changes; the second one begins with what was shown already.
func TestAWatchSurvivesAGatewayThatDies(t *testing.T) {
	const (
		pending  = orderingv1.OrderStatus_ORDER_STATUS_PENDING
		approved = orderingv1.OrderStatus_ORDER_STATUS_APPROVED
		canceled = orderingv1.OrderStatus_ORDER_STATUS_CANCELED
	)
	send := func(stream grpc.ServerStreamingServer[orderingv1.WatchOrderResponse], orders ...*orderingv1.Order) error {
		for _, o := range orders {
			if err := stream.Send(&orderingv1.WatchOrderResponse{Order: o}); err != nil {
				return err
			}
		}
		return nil
	}
	m := newMall()
	sent := make(chan struct{})
	firstAddr, first := serve(t, &ordering{order: anOrder(1, pending), watch: func(stream grpc.ServerStreamingServer[orderingv1.WatchOrderResponse]) error {
		err := send(stream, anOrder(1, pending), anOrder(2, approved))
		close(sent)
		<-stream.Context().Done()
		return err
	}})
	secondAddr, _ := serve(t, &ordering{order: anOrder(2, approved), watch: func(stream grpc.ServerStreamingServer[orderingv1.WatchOrderResponse]) error {
		return send(stream, anOrder(2, approved), anOrder(3, canceled))
	}})
	m.add("gateway", "gateway-1")
	m.ports["gateway-1:9000"], m.ports["gateway-2:9000"] = firstAddr, secondAddr
	c := m.cluster()
	client := c.Client.(*fake.Clientset)

	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	conn, err := dialGateway(ctx, c, rpc.Access{})
	require.NoError(t, err)
	defer conn.Close()
	var shown []orderingv1.OrderStatus
	var firsts int
	seen := make(chan struct{}, 3)
	var notes bytes.Buffer
	w := watcher{
		client: orderingv1.NewOrderingServiceClient(conn), id: orderID, notes: &notes, pause: time.Millisecond,
		show: func(o *orderingv1.Order, isFirst bool) error {
			shown = append(shown, o.GetStatus())
			if isFirst {
				firsts++
			}
			seen <- struct{}{}
			return nil
		},
	}
	ended := make(chan error, 1)
	go func() { ended <- w.run(ctx) }()
	<-sent
	<-seen
	<-seen
	pod := m.pod("gateway", "gateway-2")
	pod.CreationTimestamp = metav1.Now()
	_, err = client.CoreV1().Pods("shop").Create(ctx, pod, metav1.CreateOptions{})
	require.NoError(t, err)
	require.NoError(t, client.CoreV1().Pods("shop").Delete(ctx, "gateway-1", metav1.DeleteOptions{}))
	first.Stop()
	select {
	case err := <-ended:
		require.NoError(t, err)
	case <-ctx.Done():
		t.Fatal("the watch does not end")
	}
	require.Equal(t, []orderingv1.OrderStatus{pending, approved, canceled}, shown)
	require.Equal(t, 1, firsts)
	require.Equal(t, "The connection to the gateway is lost; going on by way of another one.\n", notes.String())
}

func TestAWatchShowsTheOrderAndThenEachChange(t *testing.T) {
	m := newMall()
	m.add("gateway", "gateway-1")
	m.ports["gateway-1:9000"], _ = serve(t, &ordering{
		order: anOrder(1, orderingv1.OrderStatus_ORDER_STATUS_READY),
		watch: func(stream grpc.ServerStreamingServer[orderingv1.WatchOrderResponse]) error {
			return errors.Join(
				stream.Send(&orderingv1.WatchOrderResponse{Order: anOrder(1, orderingv1.OrderStatus_ORDER_STATUS_READY)}),
				stream.Send(&orderingv1.WatchOrderResponse{Order: anOrder(2, orderingv1.OrderStatus_ORDER_STATUS_COMPLETED)}))
		},
	})
	out, _, err := execute(t, m.cluster(), "orders", "watch", orderID)
	require.NoError(t, err)
	require.Regexp(t, `(?s)^Order: .*PRODUCT.*\n\n[0-9:.]+  ready\n[0-9:.]+  completed\n$`, out)
}

func TestAWatchOfAnOrderThatIsNotThereYetSaysThatItWaits(t *testing.T) {
	const other = "0198c1b2-0000-7000-8000-000000000000"
	m := newMall()
	m.add("gateway", "gateway-1")
	m.ports["gateway-1:9000"], _ = serve(t, &ordering{watch: func(stream grpc.ServerStreamingServer[orderingv1.WatchOrderResponse]) error {
		return stream.Send(&orderingv1.WatchOrderResponse{Order: anOrder(1, orderingv1.OrderStatus_ORDER_STATUS_CANCELED)})
	}})
	_, notes, err := execute(t, m.cluster(), "orders", "watch", other)
	require.NoError(t, err)
	require.Equal(t, "The order does not exist yet; waiting for it.\n", notes)
}

func TestOnlyABrokenWayIsTriedAgain(t *testing.T) {
	for _, err := range []error{io.EOF, status.Error(codes.Unavailable, ""), status.Error(codes.Internal, "stream terminated by RST_STREAM")} {
		require.True(t, broken(err), err)
	}
	for _, err := range []error{status.Error(codes.InvalidArgument, ""), status.Error(codes.Canceled, ""), errors.New("full disk")} {
		require.False(t, broken(err), err)
	}
}

func TestTheYoungestReadyGatewayIsAsked(t *testing.T) {
	m := newMall()
	for i, name := range []string{"old", "young", "starting", "leaving"} {
		pod := m.pod("gateway", name)
		pod.CreationTimestamp = metav1.NewTime(time.Unix(int64(i+1), 0))
		switch name {
		case "starting":
			pod.Status.Conditions[0].Status = corev1.ConditionFalse
		case "leaving":
			pod.DeletionTimestamp, pod.Finalizers = &metav1.Time{Time: time.Unix(9, 0)}, []string{"test"}
		}
		m.objects = append(m.objects, pod)
	}
	pod, err := readyGateway(t.Context(), m.cluster())
	require.NoError(t, err)
	require.Equal(t, "young", pod.Name)
}

func jsonField(t *testing.T, text, field string) string {
	t.Helper()
	var fields map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(text), &fields))
	return string(fields[field])
}
