package catalog_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	storesv1 "mallbots.example/api/mallbots/stores/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/money"
	"mallbots.example/pkg/rpc"
	"mallbots.example/pkg/service"
	"mallbots.example/pkg/service/servicetest"
	"mallbots.example/pkg/store"
	"mallbots.example/services/internal/catalog"
	"mallbots.example/services/internal/topics"
)

// fakeStores is the service stores as its clients see it.
type fakeStores struct {
	storesv1.StoresServiceClient // the rest, which nobody calls
	mu                           sync.Mutex
	products                     map[string]*storesv1.Product
	stores                       map[string]*storesv1.Store
	err                          error         // what every call gives instead
	asked                        []string      // ids
	underWay, most               int           // calls
	hold                         chan struct{} // if not nil, calls wait until it is closed
}

func (f *fakeStores) call(ctx context.Context, id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, id)
	f.underWay++
	f.most = max(f.most, f.underWay)
	if f.hold != nil {
		f.mu.Unlock()
		select {
		case <-f.hold:
		case <-ctx.Done():
		}
		f.mu.Lock()
	}
	f.underWay--
	return f.err
}

// GetProduct implements storesv1.StoresServiceClient.
func (f *fakeStores) GetProduct(ctx context.Context, req *storesv1.GetProductRequest, _ ...grpc.CallOption) (*storesv1.GetProductResponse, error) {
	if err := f.call(ctx, req.GetId()); err != nil {
		return nil, err
	}
	product, ok := f.products[req.GetId()]
	if !ok {
		return nil, rpc.ToStatus(fault.Missing("PRODUCT_NOT_FOUND", "no")).Err()
	}
	return &storesv1.GetProductResponse{Product: product}, nil
}

// GetStore implements storesv1.StoresServiceClient.
func (f *fakeStores) GetStore(ctx context.Context, req *storesv1.GetStoreRequest, _ ...grpc.CallOption) (*storesv1.GetStoreResponse, error) {
	if err := f.call(ctx, req.GetId()); err != nil {
		return nil, err
	}
	shop, ok := f.stores[req.GetId()]
	if !ok {
		return nil, rpc.ToStatus(fault.Missing("STORE_NOT_FOUND", "no")).Err()
	}
	return &storesv1.GetStoreResponse{Store: shop}, nil
}

// started is how many calls have begun so far.
func (f *fakeStores) started() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.asked)
}

// world is a service that keeps a catalog, with stores as its peer.
type world struct {
	*servicetest.Harness
	t       *testing.T
	stores  *fakeStores
	catalog *catalog.Catalog
}

func each(t *testing.T, test func(t *testing.T, w world)) {
	fake := &fakeStores{}
	c := catalog.New(fake)
	keeper := service.Service{
		Name: "keeper", Schemas: []store.Schema{catalog.Schema},
		Build: func(rt *service.Runtime) error {
			rt.Consume(topics.StoresEvents, c.Handlers()...)
			return nil
		},
	}
	servicetest.Each(t, keeper, nil, func(t *testing.T, h *servicetest.Harness) {
		*fake = fakeStores{products: map[string]*storesv1.Product{}, stores: map[string]*storesv1.Store{}}
		test(t, world{Harness: h, t: t, stores: fake, catalog: c})
	})
}

// unit is how a unit of work is run: store.DB.Do or store.DB.Read.
type unit func(ctx context.Context, work func(ctx context.Context, tx *store.Tx) error) error

func (w world) products(run unit, ids ...string) (products map[string]catalog.Product, err error) {
	err = run(w.t.Context(), func(ctx context.Context, tx *store.Tx) error {
		products, err = w.catalog.Products(ctx, tx, ids)
		return err
	})
	return products, err
}

func (w world) storesOf(run unit, ids ...string) (stores map[string]catalog.Store, err error) {
	err = run(w.t.Context(), func(ctx context.Context, tx *store.Tx) error {
		stores, err = w.catalog.Stores(ctx, tx, ids)
		return err
	})
	return stores, err
}

// tell delivers events in this order.
func (w world) tell(events ...proto.Message) {
	w.t.Helper()
	for _, event := range events {
		w.Deliver(topics.StoresEvents, message.Meta{Subject: "any"}, event)
	}
}

// hasProduct requires that the copy has exactly this product, without asking for it.
func (w world) hasProduct(want catalog.Product) {
	w.t.Helper()
	before := w.stores.started()
	got, err := w.products(w.DB.Read, want.ID)
	require.NoError(w.t, err)
	require.Equal(w.t, map[string]catalog.Product{want.ID: want}, got)
	require.Equal(w.t, before, w.stores.started(), "it was asked for")
}

// hasStore is hasProduct for a store.
func (w world) hasStore(want catalog.Store) {
	w.t.Helper()
	before := w.stores.started()
	got, err := w.storesOf(w.DB.Read, want.ID)
	require.NoError(w.t, err)
	require.Equal(w.t, map[string]catalog.Store{want.ID: want}, got)
	require.Equal(w.t, before, w.stores.started(), "it was asked for")
}

// kettle is a product as of a version, in both forms: version n costs n dollars.
func kettle(version int64) (*storesv1.Product, catalog.Product) {
	return &storesv1.Product{
			Id: "kettle", StoreId: "tea", Name: "Kettle", Price: &typev1.Money{CurrencyCode: "USD", MinorUnits: 100 * version}, Version: version,
		}, catalog.Product{
			ID: "kettle", StoreID: "tea", Name: "Kettle", Price: money.Must("USD", 100*version), Version: version,
		}
}

// tea is a store as of a version, in both forms: from version 2 on it participates.
func tea(version int64) (*storesv1.Store, catalog.Store) {
	return &storesv1.Store{Id: "tea", Name: "Tea & Co", Location: "Level 2", Participating: version > 1, Version: version},
		catalog.Store{ID: "tea", Name: "Tea & Co", Location: "Level 2", Participating: version > 1, Version: version}
}
