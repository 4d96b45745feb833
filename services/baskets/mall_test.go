package baskets_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/rpc"
	"mallbots.example/pkg/service/servicetest"
	"mallbots.example/services/baskets"
	"mallbots.example/services/internal/topics"
)

// mall is the rest of the mall: the services stores and payments, as far as baskets asks them.
type mall struct {
	storesv1.UnimplementedStoresServiceServer
	paymentsv1.UnimplementedPaymentsServiceServer

	mu       sync.Mutex
	stores   map[string]*storesv1.Store
	products map[string]*storesv1.Product
	payments map[string]*paymentsv1.Payment
	away     bool     // every call fails
	asked    []string // the ids that were asked for
}

// look is one question: about what has this id.
func look[T proto.Message](m *mall, all map[string]T, id, notFound string) (one T, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked = append(m.asked, id)
	if m.away {
		return one, errors.New("broken")
	}
	one, ok := all[id]
	if !ok {
		return one, fault.Missing(notFound, "there is nothing %s", id)
	}
	return proto.Clone(one).(T), nil
}

// GetStore implements storesv1.StoresServiceServer.
func (m *mall) GetStore(_ context.Context, req *storesv1.GetStoreRequest) (*storesv1.GetStoreResponse, error) {
	s, err := look(m, m.stores, req.GetId(), "STORE_NOT_FOUND")
	return &storesv1.GetStoreResponse{Store: s}, err
}

// GetProduct implements storesv1.StoresServiceServer.
func (m *mall) GetProduct(_ context.Context, req *storesv1.GetProductRequest) (*storesv1.GetProductResponse, error) {
	p, err := look(m, m.products, req.GetId(), "PRODUCT_NOT_FOUND")
	return &storesv1.GetProductResponse{Product: p}, err
}

// GetPayment implements paymentsv1.PaymentsServiceServer.
func (m *mall) GetPayment(_ context.Context, req *paymentsv1.GetPaymentRequest) (*paymentsv1.GetPaymentResponse, error) {
	p, err := look(m, m.payments, req.GetId(), "PAYMENT_NOT_FOUND")
	return &paymentsv1.GetPaymentResponse{Payment: p}, err
}

// questions are the ids that were asked for since the last call.
func (m *mall) questions() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	asked := m.asked
	m.asked = nil
	return asked
}

// serve runs the rest of the mall until the test ends.
func (m *mall) serve(t *testing.T) grpc.ClientConnInterface {
	t.Helper()
	server := rpc.NewServer(rpc.ServerConfig{Logger: slog.New(slog.DiscardHandler), Grace: time.Second})
	storesv1.RegisterStoresServiceServer(server, m)
	paymentsv1.RegisterPaymentsServiceServer(server, m)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := server.Serve(ctx, listener); err != nil {
			t.Errorf("serving: %v", err)
		}
	})
	conn, err := rpc.Dial(listener.Addr().String(), rpc.ClientConfig{})
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = conn.Close()
		cancel()
		serving.Wait()
	})
	return conn
}

// world is the service under test in a small mall: Tea & Co sells kettles for 25 dollars, and ada shops.
type world struct {
	*servicetest.Harness
	t           *testing.T
	c           basketsv1.BasketsServiceClient
	mall        *mall
	ada         string
	tea, kettle string // ids
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	m := &mall{}
	conn := m.serve(t)
	peers := map[string]grpc.ClientConnInterface{"stores": conn, "payments": conn}
	servicetest.Each(t, baskets.Service(), peers, func(t *testing.T, h *servicetest.Harness) {
		m.mu.Lock()
		m.away, m.asked = false, nil
		m.stores, m.products, m.payments = map[string]*storesv1.Store{}, map[string]*storesv1.Product{}, map[string]*paymentsv1.Payment{}
		m.mu.Unlock()
		w := &world{Harness: h, t: t, c: basketsv1.NewBasketsServiceClient(h.Conn), mall: m, ada: id.UUIDv7()}
		w.tea = w.store("Tea & Co")
		w.kettle = w.product(w.tea, "Kettle", 2500)
		w.tell(w.tea, w.kettle)
		test(t, w)
	})
}

func usd(minorUnits int64) *typev1.Money {
	return &typev1.Money{CurrencyCode: "USD", MinorUnits: minorUnits}
}

// store opens a store that participates. Baskets is not told.
func (w *world) store(name string) string {
	s := &storesv1.Store{Id: id.UUIDv7(), Name: name, Location: "Level 2", Participating: true, Version: 2}
	w.mall.mu.Lock()
	defer w.mall.mu.Unlock()
	w.mall.stores[s.Id] = s
	return s.GetId()
}

// product puts a product on the shelf of a store. Baskets is not told.
func (w *world) product(store, name string, price int64) string {
	p := &storesv1.Product{Id: id.UUIDv7(), StoreId: store, Name: name, Price: usd(price), Version: 1}
	w.mall.mu.Lock()
	defer w.mall.mu.Unlock()
	w.mall.products[p.Id] = p
	return p.GetId()
}

// payment is what ada has set aside.
func (w *world) payment(minorUnits int64, change ...func(*paymentsv1.Payment)) string {
	p := &paymentsv1.Payment{
		Id: id.UUIDv7(), CustomerId: w.ada, Amount: usd(minorUnits), Status: paymentsv1.PaymentStatus_PAYMENT_STATUS_AUTHORIZED, Version: 1,
	}
	for _, change := range change {
		change(p)
	}
	w.mall.mu.Lock()
	defer w.mall.mu.Unlock()
	w.mall.payments[p.Id] = p
	return p.GetId()
}

// changeStore and changeProduct change them in the mall. Baskets is not told.
func (w *world) changeStore(id string, change func(*storesv1.Store)) {
	w.mall.mu.Lock()
	defer w.mall.mu.Unlock()
	change(w.mall.stores[id])
	w.mall.stores[id].Version++
}

func (w *world) changeProduct(id string, change func(*storesv1.Product)) {
	w.mall.mu.Lock()
	defer w.mall.mu.Unlock()
	change(w.mall.products[id])
	w.mall.products[id].Version++
}

// tell sends baskets the events of stores and products, as they are now.
func (w *world) tell(ids ...string) {
	w.t.Helper()
	for _, id := range ids {
		w.mall.mu.Lock()
		var event proto.Message
		if s, ok := w.mall.stores[id]; ok {
			event = &storesv1.StoreParticipationChanged{Store: proto.CloneOf(s)}
		} else {
			event = &storesv1.ProductPriceChanged{Product: proto.CloneOf(w.mall.products[id])}
		}
		w.mall.mu.Unlock()
		w.Event(topics.StoresEvents, id, event)
	}
}

// start gives ada a basket, with so many kettles.
func (w *world) start(kettles int32) *basketsv1.Basket {
	w.t.Helper()
	resp, err := w.c.StartBasket(w.t.Context(), &basketsv1.StartBasketRequest{CustomerId: w.ada})
	require.NoError(w.t, err)
	if kettles == 0 {
		return resp.GetBasket()
	}
	return w.add(resp.GetBasket().GetId(), w.kettle, kettles)
}

func (w *world) add(basket, product string, quantity int32) *basketsv1.Basket {
	w.t.Helper()
	b, err := w.tryAdd(basket, product, quantity)
	require.NoError(w.t, err)
	return b
}

func (w *world) tryAdd(basket, product string, quantity int32) (*basketsv1.Basket, error) {
	resp, err := w.c.AddItem(w.t.Context(), &basketsv1.AddItemRequest{BasketId: basket, ProductId: product, Quantity: quantity})
	return resp.GetBasket(), err
}

func (w *world) tryRemove(basket, product string, quantity int32) (*basketsv1.Basket, error) {
	resp, err := w.c.RemoveItem(w.t.Context(), &basketsv1.RemoveItemRequest{BasketId: basket, ProductId: product, Quantity: quantity})
	return resp.GetBasket(), err
}

func (w *world) checkOut(basket, payment string) (*basketsv1.CheckoutBasketResponse, error) {
	return w.c.CheckoutBasket(w.t.Context(), &basketsv1.CheckoutBasketRequest{Id: basket, PaymentId: payment})
}

func (w *world) cancel(basket string) (*basketsv1.Basket, error) {
	resp, err := w.c.CancelBasket(w.t.Context(), &basketsv1.CancelBasketRequest{Id: basket})
	return resp.GetBasket(), err
}

func (w *world) get(basket string) *basketsv1.Basket {
	w.t.Helper()
	resp, err := w.c.GetBasket(w.t.Context(), &basketsv1.GetBasketRequest{Id: basket})
	require.NoError(w.t, err)
	return resp.GetBasket()
}

// item is a line of kettles as a basket shows it.
func (w *world) item(price int64, quantity int32) *basketsv1.BasketItem {
	return &basketsv1.BasketItem{
		ProductId: w.kettle, StoreId: w.tea, ProductName: "Kettle", StoreName: "Tea & Co", Price: usd(price), Quantity: quantity,
	}
}

func requireSame(t *testing.T, want, got proto.Message) {
	t.Helper()
	require.True(t, proto.Equal(want, got), "want %v\ngot  %v", want, got)
}

// requireHolds requires items and their total.
func requireHolds(t *testing.T, b *basketsv1.Basket, total int64, items ...*basketsv1.BasketItem) {
	t.Helper()
	require.True(t, slices.EqualFunc(items, b.GetItems(), func(want, got *basketsv1.BasketItem) bool { return proto.Equal(want, got) }),
		"want %v\ngot  %v", items, b.GetItems())
	requireSame(t, usd(total), b.GetTotal())
}
