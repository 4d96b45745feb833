package ordering_test

import (
	"slices"
	"testing"
	"time"

	"mallbots.example/pkg/service/servicetest"

	"github.com/stretchr/testify/require"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/rpc"
	"mallbots.example/services/internal/topics"
)

func TestACustomersOrdersAreListedNewestFirstPageByPage(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		ada, bob := id.UUIDv7(), id.UUIDv7()
		// The basket that was started first is checked out last: it is the newest order all the same. The last two are checked out at once.
		baskets := []*basketsv1.Basket{basketOf(ada), basketOf(ada), basketOf(ada), basketOf(ada), basketOf(ada)}
		slices.Reverse(baskets)
		var want []string
		for i, basket := range baskets {
			m.checkOut(bob)
			m.Event(topics.BasketsEvents, basket.GetId(), &basketsv1.BasketCheckedOut{Basket: basket})
			want = append(want, basket.GetId())
			if i != 3 {
				m.Clock.Advance(time.Second)
			}
		}
		slices.Reverse(want)
		slices.SortFunc(want[:2], func(a, b string) int { return -compare(a, b) })
		m.approve(want[4]) // a change does not make an order newer

		var got []string
		req := &orderingv1.ListOrdersRequest{CustomerId: ada, PageSize: 2}
		for pages := 1; ; pages++ {
			resp, err := m.c.ListOrders(t.Context(), req)
			require.NoError(t, err)
			for _, order := range resp.GetOrders() {
				got = append(got, order.GetId())
				require.Equal(t, ada, order.GetCustomerId())
				require.Equal(t, m.get(order.GetId()).String(), order.String(), "the whole of the order as it is now")
			}
			if resp.GetNextPageToken() == "" {
				require.Equal(t, 3, pages)
				break
			}
			req.PageToken = resp.GetNextPageToken()
		}
		require.Equal(t, want, got)

		req.CustomerId = bob
		_, err := m.c.ListOrders(t.Context(), req)
		servicetest.RequireReason(t, err, fault.Invalid, "INVALID_PAGE_TOKEN")
	})
}

func compare(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}

func TestACustomerWithoutOrdersHasNone(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		resp, err := m.c.ListOrders(t.Context(), &orderingv1.ListOrdersRequest{CustomerId: id.UUIDv7()})
		require.NoError(t, err)
		require.Empty(t, resp.GetOrders())
	})
}

func TestBadInputIsNamed(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		ctx := t.Context()
		badRequestID := "again"
		for name, test := range map[string]struct {
			call  func() error
			field string
		}{
			"get without id": {func() error {
				_, err := m.c.GetOrder(ctx, &orderingv1.GetOrderRequest{})
				return err
			}, "id"},
			"cancel without id": {func() error {
				_, err := m.c.CancelOrder(ctx, &orderingv1.CancelOrderRequest{})
				return err
			}, "id"},
			"bad request id": {func() error {
				_, err := m.c.CancelOrder(ctx, &orderingv1.CancelOrderRequest{Id: id.UUIDv7(), RequestId: &badRequestID})
				return err
			}, "request_id"},
			"list without customer": {func() error {
				_, err := m.c.ListOrders(ctx, &orderingv1.ListOrdersRequest{})
				return err
			}, "customer_id"},
			"large page": {func() error {
				_, err := m.c.ListOrders(ctx, &orderingv1.ListOrdersRequest{CustomerId: id.UUIDv7(), PageSize: 101})
				return err
			}, "page_size"},
			"watch without id": {func() error {
				stream, err := m.c.WatchOrder(ctx, &orderingv1.WatchOrderRequest{})
				require.NoError(t, err)
				_, err = stream.Recv()
				return err
			}, "id"},
		} {
			t.Run(name, func(t *testing.T) {
				err := test.call()
				servicetest.RequireReason(t, err, fault.Invalid, "INVALID_FIELD")
				refusal, _ := fault.As(rpc.FromStatus(err))
				require.Equal(t, test.field, refusal.Fields[0].Name)
			})
		}
	})
}
