package depot_test

import (
	"context"
	"fmt"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	storesv1 "mallbots.example/api/mallbots/stores/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/rpc"
)

// fakeStores is the connection to the service stores, which has some products of two stores.
type fakeStores struct {
	grpc.ClientConnInterface // streams, which nobody opens
	mu                       sync.Mutex
	err                      error         // what every call gives instead
	asked                    chan struct{} // has one when it was called
}

var (
	teaHouse = &storesv1.Store{Id: "tea", Name: "Tea House", Location: "1st floor", Participating: true, Version: 1}
	inkAndCo = &storesv1.Store{Id: "ink", Name: "Ink & Co", Location: "2nd floor", Participating: true, Version: 1}
	pot      = product("pot", "tea", "Pot")
	cup      = product("cup", "tea", "Cup")
	pen      = product("pen", "ink", "Pen")
)

func product(id, storeID, name string) *storesv1.Product {
	return &storesv1.Product{Id: id, StoreId: storeID, Name: name, Price: &typev1.Money{CurrencyCode: "USD", MinorUnits: 100}, Version: 1}
}

// fail makes every call give err from now on.
func (f *fakeStores) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

// Invoke implements grpc.ClientConnInterface.
func (f *fakeStores) Invoke(_ context.Context, method string, req, resp any, _ ...grpc.CallOption) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case f.asked <- struct{}{}:
	default:
	}
	if f.err != nil {
		return f.err
	}
	switch req := req.(type) {
	case *storesv1.GetStoreRequest:
		for _, shop := range []*storesv1.Store{teaHouse, inkAndCo} {
			if shop.GetId() == req.GetId() {
				proto.Merge(resp.(proto.Message), &storesv1.GetStoreResponse{Store: shop})
				return nil
			}
		}
		return rpc.ToStatus(fault.Missing("STORE_NOT_FOUND", "no")).Err()
	case *storesv1.GetProductRequest:
		for _, one := range []*storesv1.Product{pot, cup, pen} {
			if one.GetId() == req.GetId() {
				proto.Merge(resp.(proto.Message), &storesv1.GetProductResponse{Product: one})
				return nil
			}
		}
		return rpc.ToStatus(fault.Missing("PRODUCT_NOT_FOUND", "no")).Err()
	}
	return fmt.Errorf("%s is not called by depot", method)
}
