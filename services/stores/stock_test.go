package stores_test

import (
	"context"
	"testing"

	"mallbots.example/pkg/service/servicetest"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	sagav1 "mallbots.example/api/mallbots/saga/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/store"
	"mallbots.example/services/internal/topics"
)

func item(product *storesv1.Product, quantity int32) *storesv1.ReserveStockItem {
	return &storesv1.ReserveStockItem{ProductId: product.GetId(), StoreId: product.GetStoreId(), Quantity: quantity}
}

// reserve has a saga ask for the items of an order.
func (m mall) reserve(orderID string, items ...*storesv1.ReserveStockItem) *sagav1.CommandReply {
	return m.Command(topics.StoresCommands, orderID, &storesv1.ReserveStock{OrderId: orderID, Items: items}).(*sagav1.CommandReply)
}

// release has a saga give back what an order holds, which never fails.
func (m mall) release(t *testing.T, orderID string) {
	t.Helper()
	reply := m.Command(topics.StoresCommands, orderID, &storesv1.ReleaseStock{OrderId: orderID}).(*sagav1.CommandReply)
	require.NotNil(t, reply.GetSucceeded(), "%v", reply)
}

// complete tells that an order was paid and taken home.
func (m mall) complete(orderID string) {
	m.Event(topics.OrderingEvents, orderID, &orderingv1.OrderCompleted{Order: &orderingv1.Order{
		Id: orderID, Status: orderingv1.OrderStatus_ORDER_STATUS_COMPLETED,
	}})
}

func requireSucceeded(t *testing.T, reply *sagav1.CommandReply) {
	t.Helper()
	require.NotNil(t, reply.GetSucceeded(), "%v", reply)
	require.Nil(t, reply.GetSucceeded().GetData())
}

func requireFailed(t *testing.T, reason string, reply *sagav1.CommandReply) {
	t.Helper()
	require.Equal(t, reason, reply.GetFailed().GetReason(), "%v", reply)
	require.NotEmpty(t, reply.GetFailed().GetMessage())
}

func (m mall) requireAvailable(t *testing.T, want int64, product *storesv1.Product) {
	t.Helper()
	require.Equal(t, proto.Int64(want), m.read(t, product.GetId()).AvailableStock)
}

func TestAReservationTakesAllItsItems(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		books := m.openForAll(t, "Waldorf Books")
		toys := m.openForAll(t, "Toys")
		novel, robot, ebook := m.stocked(t, books.GetId(), 5), m.stocked(t, toys.GetId(), 1), m.stocked(t, books.GetId(), -1)
		told := len(m.SentTo(topics.StoresEvents))
		order := id.UUIDv7()
		requireSucceeded(t, m.reserve(order, item(robot, 1), item(ebook, 1000), item(novel, 2)))
		m.requireAvailable(t, 3, novel)
		m.requireAvailable(t, 0, robot)
		require.Nil(t, m.read(t, ebook.GetId()).AvailableStock)
		require.EqualValues(t, 1, m.read(t, novel.GetId()).GetVersion(), "a reservation is no change of the product")
		require.Len(t, m.SentTo(topics.StoresEvents), told)
		m.requireBalance(t, order, map[*storesv1.Product]int64{novel: 2, robot: 1})
	})
}

// requireBalance says what a reservation holds, by the rows.
func (m mall) requireBalance(t *testing.T, orderID string, want map[*storesv1.Product]int64) {
	t.Helper()
	got, expected := map[string]int64{}, map[string]int64{}
	require.NoError(t, m.DB.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := store.All(ctx, tx, func(row *store.Rows) (none struct{}, err error) {
			var product string
			var quantity int64
			err = row.Scan(&product, &quantity)
			got[product] = quantity
			return none, err
		}, `SELECT product_id, quantity FROM reservations JOIN reservation_items USING (order_id) WHERE order_id = $1 AND status = 'held'`, orderID)
		return err
	}))
	for product, quantity := range want {
		expected[product.GetId()] = quantity
	}
	require.Equal(t, expected, got)
}

func TestLinesOfOneProductAddUp(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		novel := m.stocked(t, m.openForAll(t, "Waldorf Books").GetId(), 5)
		requireFailed(t, "OUT_OF_STOCK", m.reserve(id.UUIDv7(), item(novel, 3), item(novel, 3)))
		m.requireAvailable(t, 5, novel)
		requireSucceeded(t, m.reserve(id.UUIDv7(), item(novel, 3), item(novel, 2)))
		m.requireAvailable(t, 0, novel)
	})
}

func TestWhatCannotBeReservedTakesNothing(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		ctx := t.Context()
		books, closed := m.openForAll(t, "Waldorf Books"), m.open(t, "Closed")
		novel, rare, old, unread := m.stocked(t, books.GetId(), 5), m.stocked(t, books.GetId(), 1), m.stocked(t, books.GetId(), 5), m.stocked(t, closed.GetId(), 5)
		_, err := m.RemoveProduct(ctx, &storesv1.RemoveProductRequest{Id: old.GetId()})
		require.NoError(t, err)
		nothing := &storesv1.Product{Id: id.UUIDv7(), StoreId: books.GetId()}
		for name, test := range map[string]struct {
			items  []*storesv1.ReserveStockItem
			reason string
		}{
			"unknown":                   {[]*storesv1.ReserveStockItem{item(novel, 1), item(nothing, 1)}, "PRODUCT_NOT_FOUND"},
			"removed":                   {[]*storesv1.ReserveStockItem{item(novel, 1), item(old, 1)}, "PRODUCT_REMOVED"},
			"of a store that is out":    {[]*storesv1.ReserveStockItem{item(novel, 1), item(unread, 1)}, "STORE_NOT_PARTICIPATING"},
			"too few":                   {[]*storesv1.ReserveStockItem{item(novel, 1), item(rare, 2)}, "OUT_OF_STOCK"},
			"the first reason is given": {[]*storesv1.ReserveStockItem{item(rare, 2), item(unread, 1), item(old, 1)}, "PRODUCT_REMOVED"},
			"nothing":                   {nil, "INVALID_FIELD"},
			"no pieces":                 {[]*storesv1.ReserveStockItem{item(novel, 0)}, "INVALID_FIELD"},
			"fewer than none":           {[]*storesv1.ReserveStockItem{item(novel, -1)}, "INVALID_FIELD"},
		} {
			t.Run(name, func(t *testing.T) {
				requireFailed(t, test.reason, m.reserve(id.UUIDv7(), test.items...))
				m.requireAvailable(t, 5, novel)
				m.requireAvailable(t, 1, rare)
			})
		}
		requireFailed(t, "INVALID_FIELD", m.reserve("", item(novel, 1)))
	})
}

func TestARefusedReservationMayBeTriedAgain(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		novel := m.stocked(t, m.openForAll(t, "Waldorf Books").GetId(), 1)
		order := id.UUIDv7()
		requireFailed(t, "OUT_OF_STOCK", m.reserve(order, item(novel, 2)))
		_, err := m.AdjustStock(t.Context(), &storesv1.AdjustStockRequest{ProductId: novel.GetId(), Delta: 1})
		require.NoError(t, err)
		requireSucceeded(t, m.reserve(order, item(novel, 2)))
		m.requireAvailable(t, 0, novel)
	})
}

func TestAReservationIsMadeOncePerOrder(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		novel := m.stocked(t, m.openForAll(t, "Waldorf Books").GetId(), 5)
		order := id.UUIDv7()
		for range 3 {
			requireSucceeded(t, m.reserve(order, item(novel, 3)))
			m.requireAvailable(t, 2, novel)
		}
		// What has been reserved is reserved, whatever becomes of the product.
		_, err := m.RemoveProduct(t.Context(), &storesv1.RemoveProductRequest{Id: novel.GetId()})
		require.NoError(t, err)
		requireSucceeded(t, m.reserve(order, item(novel, 3)))
	})
}

func TestAReleaseGivesBackWhatTheOrderHoldsOnce(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		books := m.openForAll(t, "Waldorf Books")
		novel, rare, ebook := m.stocked(t, books.GetId(), 5), m.stocked(t, books.GetId(), 1), m.stocked(t, books.GetId(), -1)
		ours, theirs := id.UUIDv7(), id.UUIDv7()
		requireSucceeded(t, m.reserve(ours, item(novel, 2), item(rare, 1), item(ebook, 1)))
		requireSucceeded(t, m.reserve(theirs, item(novel, 1)))
		for range 3 {
			m.release(t, ours)
			m.requireAvailable(t, 4, novel)
			m.requireAvailable(t, 1, rare)
		}
		requireFailed(t, "RESERVATION_CLOSED", m.reserve(ours, item(novel, 2)))
		m.requireBalance(t, theirs, map[*storesv1.Product]int64{novel: 1})
		m.requireBalance(t, ours, nil)
	})
}

func TestAReserveThatComesAfterItsReleaseIsRefused(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		novel := m.stocked(t, m.openForAll(t, "Waldorf Books").GetId(), 5)
		order := id.UUIDv7()
		m.release(t, order)
		m.release(t, order)
		requireFailed(t, "RESERVATION_CLOSED", m.reserve(order, item(novel, 1)))
		requireFailed(t, "RESERVATION_CLOSED", m.reserve(order, item(&storesv1.Product{Id: id.UUIDv7()}, 1)))
		m.release(t, order)
		m.requireAvailable(t, 5, novel)
	})
}

func TestGoodsThatHaveLeftAreNotGivenBack(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		novel := m.stocked(t, m.openForAll(t, "Waldorf Books").GetId(), 5)
		order := id.UUIDv7()
		requireSucceeded(t, m.reserve(order, item(novel, 2)))
		m.complete(order)
		m.complete(order)
		m.release(t, order)
		m.requireAvailable(t, 3, novel)
		requireFailed(t, "RESERVATION_CLOSED", m.reserve(order, item(novel, 2)))
		m.requireBalance(t, order, nil)
	})
}

// Not what a saga does, but what a mixed-up stream may bring.
func TestAnOrderThatIsOverHoldsNothing(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		novel := m.stocked(t, m.openForAll(t, "Waldorf Books").GetId(), 5)
		unheardOf, released := id.UUIDv7(), id.UUIDv7()
		m.complete(unheardOf)
		requireFailed(t, "RESERVATION_CLOSED", m.reserve(unheardOf, item(novel, 2)))
		requireSucceeded(t, m.reserve(released, item(novel, 2)))
		m.release(t, released)
		m.complete(released)
		m.requireAvailable(t, 5, novel)
	})
}

func TestTheStockOfARemovedProductGoesBackToo(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		books := m.openForAll(t, "Waldorf Books")
		novel := m.stocked(t, books.GetId(), 5)
		order := id.UUIDv7()
		requireSucceeded(t, m.reserve(order, item(novel, 2)))
		_, err := m.RemoveProduct(t.Context(), &storesv1.RemoveProductRequest{Id: novel.GetId()})
		require.NoError(t, err)
		_, err = m.DisableParticipation(t.Context(), &storesv1.DisableParticipationRequest{Id: books.GetId()})
		require.NoError(t, err)
		m.release(t, order)
		m.requireAvailable(t, 5, novel)
	})
}

func TestStockIsAdjusted(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		ctx := t.Context()
		novel := m.stocked(t, m.openForAll(t, "Waldorf Books").GetId(), 5)
		told := len(m.Sent())
		adjust := func(delta int64) (*storesv1.Product, error) {
			resp, err := m.AdjustStock(ctx, &storesv1.AdjustStockRequest{ProductId: novel.GetId(), Delta: delta})
			return resp.GetProduct(), err
		}
		want := proto.Clone(novel).(*storesv1.Product)
		want.AvailableStock = proto.Int64(7)
		more, err := adjust(2)
		require.NoError(t, err)
		requireEqual(t, want, more)
		requireSucceeded(t, m.reserve(id.UUIDv7(), item(novel, 3)))
		_, err = adjust(-5) // what is reserved is not there to be lost
		servicetest.RequireReason(t, err, fault.Refused, "OUT_OF_STOCK")
		m.requireAvailable(t, 4, novel)
		want.AvailableStock = proto.Int64(0)
		less, err := adjust(-4)
		require.NoError(t, err)
		requireEqual(t, want, less)
		require.Len(t, m.Sent(), told+1, "nothing but the reply to the reservation: stock is not told")
	})
}

func TestUnlimitedStockCannotBeAdjusted(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		ebook := m.stocked(t, m.open(t, "Waldorf Books").GetId(), -1)
		for _, delta := range []int64{1, -1} {
			_, err := m.AdjustStock(t.Context(), &storesv1.AdjustStockRequest{ProductId: ebook.GetId(), Delta: delta})
			servicetest.RequireReason(t, err, fault.Refused, "STOCK_UNLIMITED")
		}
	})
}

// Whatever order and number of copies the messages of an order come in, its end is the same.
func TestMessagesOfAnOrderCommute(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		novel := m.stocked(t, m.openForAll(t, "Waldorf Books").GetId(), 5)
		for _, course := range []string{"RL", "LR", "RRL", "RLL", "RLR", "LRR", "LRL", "LLRRLR"} {
			order := id.UUIDv7()
			for _, message := range course {
				if message == 'R' {
					m.reserve(order, item(novel, 2))
				} else {
					m.release(t, order)
				}
			}
			m.requireAvailable(t, 5, novel)
			requireFailed(t, "RESERVATION_CLOSED", m.reserve(order, item(novel, 2)))
		}
	})
}
