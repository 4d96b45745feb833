package ordering_test

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/service/servicetest"
	"mallbots.example/services/internal/topics"
)

func (m mall) watch(ctx context.Context, order string) grpc.ServerStreamingClient[orderingv1.WatchOrderResponse] {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(ctx, servicetest.Deadline)
	m.t.Cleanup(cancel)
	stream, err := m.c.WatchOrder(ctx, &orderingv1.WatchOrderRequest{Id: order})
	require.NoError(m.t, err)
	return stream
}

// requireNext checks that the stream sends the order as it is now.
func (m mall) requireNext(stream grpc.ServerStreamingClient[orderingv1.WatchOrderResponse], order string) {
	m.t.Helper()
	resp, err := stream.Recv()
	require.NoError(m.t, err)
	require.True(m.t, proto.Equal(m.get(order), resp.GetOrder()), "%v", resp)
}

func TestAWatcherSeesAnOrderFromBeforeItExistsUntilItIsFinal(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		basket := basketOf(id.UUIDv7())
		order := basket.GetId()
		stream := m.watch(t.Context(), order)
		m.Event(topics.BasketsEvents, order, &basketsv1.BasketCheckedOut{Basket: basket})
		m.requireNext(stream, order)
		list := m.approve(order)
		m.requireNext(stream, order)
		m.list(order, list, assigned)
		m.requireNext(stream, order)
		m.list(order, list, completed)
		m.requireNext(stream, order)
		invoice := id.UUIDv7()
		m.invoice(order, invoice, invoiced)
		m.requireNext(stream, order)
		m.invoice(order, invoice, paid)
		m.requireNext(stream, order)
		_, err := stream.Recv()
		require.ErrorIs(t, err, io.EOF)
	})
}

func TestAWatcherOfAFinalOrderSeesItOnce(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		canceled, rejected := m.checkOut(id.UUIDv7()), m.checkOut(id.UUIDv7())
		m.cancel(canceled)
		for _, order := range []string{canceled, rejected} {
			m.ask(order, &orderingv1.RejectOrder{OrderId: order, Reason: "OUT_OF_STOCK"})
			stream := m.watch(t.Context(), order)
			m.requireNext(stream, order)
			_, err := stream.Recv()
			require.ErrorIs(t, err, io.EOF)
		}
	})
}

func TestAWatcherThatComesLateSeesTheOrderAsItIsNow(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		order := m.checkOut(id.UUIDv7())
		m.approve(order)
		m.requireNext(m.watch(t.Context(), order), order)
	})
}

func TestAWatcherOfWhatNeverComesWaitsUntilItsDeadline(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := m.watch(ctx, id.UUIDv7()).Recv()
		require.Equal(t, codes.DeadlineExceeded, status.Code(err), "%v", err)
	})
}
