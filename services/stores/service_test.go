package stores_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	storesv1 "mallbots.example/api/mallbots/stores/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/rpc"
	"mallbots.example/pkg/service/servicetest"
	"mallbots.example/services/stores"
)

// mall is a stores service under test and a client of it.
type mall struct {
	*servicetest.Harness
	storesv1.StoresServiceClient
}

func each(t *testing.T, test func(t *testing.T, m mall)) {
	servicetest.Each(t, stores.Service(), nil, func(t *testing.T, h *servicetest.Harness) {
		test(t, mall{h, storesv1.NewStoresServiceClient(h.Conn)})
	})
}

func requireField(t *testing.T, err error, field string) {
	t.Helper()
	servicetest.RequireReason(t, err, fault.Invalid, "INVALID_FIELD")
	refusal, _ := fault.As(rpc.FromStatus(err))
	require.Equal(t, field, refusal.Fields[0].Name)
}

func requireEqual(t *testing.T, want, got proto.Message) {
	t.Helper()
	require.True(t, proto.Equal(want, got), "want %v\ngot  %v", want, got)
}

// requireSent says what was published on a topic so far, and no more.
func (m mall) requireSent(t *testing.T, topic string, want ...proto.Message) {
	t.Helper()
	sent := m.SentTo(topic)
	require.Len(t, sent, len(want))
	for i := range want {
		requireEqual(t, want[i], sent[i])
	}
}

// open creates a store that does not participate yet.
func (m mall) open(t *testing.T, name string) *storesv1.Store {
	t.Helper()
	resp, err := m.CreateStore(t.Context(), &storesv1.CreateStoreRequest{Name: name, Location: "Level 2, unit 14"})
	require.NoError(t, err)
	return resp.GetStore()
}

// openForAll creates a store that customers can buy from.
func (m mall) openForAll(t *testing.T, name string) *storesv1.Store {
	t.Helper()
	resp, err := m.EnableParticipation(t.Context(), &storesv1.EnableParticipationRequest{Id: m.open(t, name).GetId()})
	require.NoError(t, err)
	return resp.GetStore()
}

func usd(cents int64) *typev1.Money { return &typev1.Money{CurrencyCode: "USD", MinorUnits: cents} }

// wizard asks for a product of a store.
func wizard(storeID string) *storesv1.AddProductRequest {
	return &storesv1.AddProductRequest{
		StoreId: storeID, Name: "Wizard w/ crystal", Description: "Looks into the future", Sku: "W-1", Price: usd(998), Stock: proto.Int64(5),
	}
}

func (m mall) add(t *testing.T, req *storesv1.AddProductRequest) *storesv1.Product {
	t.Helper()
	resp, err := m.AddProduct(t.Context(), req)
	require.NoError(t, err)
	return resp.GetProduct()
}

// stocked adds a product without sku and with so many pieces; with fewer than none, without limit.
func (m mall) stocked(t *testing.T, storeID string, pieces int64) *storesv1.Product {
	t.Helper()
	req := &storesv1.AddProductRequest{StoreId: storeID, Name: "Gadget", Price: usd(100)}
	if pieces >= 0 {
		req.Stock = &pieces
	}
	return m.add(t, req)
}

func (m mall) read(t *testing.T, productID string) *storesv1.Product {
	t.Helper()
	resp, err := m.GetProduct(t.Context(), &storesv1.GetProductRequest{Id: productID})
	require.NoError(t, err)
	return resp.GetProduct()
}

// untold is a product as events tell it: without its stock.
func untold(product *storesv1.Product) *storesv1.Product {
	told := proto.Clone(product).(*storesv1.Product)
	told.AvailableStock = nil
	return told
}
