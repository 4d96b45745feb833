package catalog_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	storesv1 "mallbots.example/api/mallbots/stores/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/rpc"
	"mallbots.example/pkg/store"
	"mallbots.example/services/internal/catalog"
)

func TestWhatIsNotHereIsAskedOfStoresAndKept(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		product, wantProduct := kettle(3)
		shop, wantStore := tea(2)
		w.stores.products["kettle"], w.stores.stores["tea"] = product, shop
		products, err := w.products(w.DB.Do, "kettle", "kettle")
		require.NoError(t, err)
		require.Equal(t, map[string]catalog.Product{"kettle": wantProduct}, products)
		stores, err := w.storesOf(w.DB.Do, "tea")
		require.NoError(t, err)
		require.Equal(t, map[string]catalog.Store{"tea": wantStore}, stores)
		require.Equal(t, []string{"kettle", "tea"}, w.stores.asked, "each is asked for once")
		w.hasProduct(wantProduct)
		w.hasStore(wantStore)
	})
}

func TestWithinReadWhatWasAskedForIsNotKept(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		product, want := kettle(1)
		w.stores.products["kettle"] = product
		for range 2 {
			products, err := w.products(w.DB.Read, "kettle")
			require.NoError(t, err)
			require.Equal(t, map[string]catalog.Product{"kettle": want}, products)
		}
		require.Equal(t, []string{"kettle", "kettle"}, w.stores.asked)
	})
}

func TestOnlyWhatIsMissingIsAskedFor(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		here, wantHere := kettle(1)
		w.tell(&storesv1.ProductAdded{Product: here})
		away, wantAway := kettle(2)
		away.Id, wantAway.ID = "pot", "pot"
		w.stores.products["pot"] = away
		products, err := w.products(w.DB.Do, "pot", "kettle")
		require.NoError(t, err)
		require.Equal(t, map[string]catalog.Product{"kettle": wantHere, "pot": wantAway}, products)
		require.Equal(t, []string{"pot"}, w.stores.asked)
	})
}

func TestNothingIsAskedForNothing(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		products, err := w.products(w.DB.Read)
		require.NoError(t, err)
		require.Empty(t, products)
		stores, err := w.storesOf(w.DB.Do)
		require.NoError(t, err)
		require.Empty(t, stores)
		require.Empty(t, w.stores.asked)
	})
}

func TestWhatStoresDoesNotKnowIsNotFound(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		product, _ := kettle(1)
		w.stores.products["kettle"] = product
		_, err := w.products(w.DB.Do, "kettle", "nothing")
		refusal, ok := fault.As(err)
		require.True(t, ok, "%v", err)
		require.Equal(t, fault.NotFound, refusal.Kind)
		require.Equal(t, "PRODUCT_NOT_FOUND", refusal.Reason)
		_, err = w.storesOf(w.DB.Read, "nowhere")
		require.ErrorIs(t, err, fault.Missing("STORE_NOT_FOUND", ""))
	})
}

func TestWhatCannotBeAnIDIsNotFound(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.stores.err = rpc.ToStatus(fault.BadField("id", "must be a UUID")).Err()
		_, err := w.products(w.DB.Read, "x")
		require.ErrorIs(t, err, fault.Missing("PRODUCT_NOT_FOUND", ""))
		_, err = w.storesOf(w.DB.Read, "x")
		require.ErrorIs(t, err, fault.Missing("STORE_NOT_FOUND", ""))
	})
}

func TestStoresBeingAwayIsNoAnswer(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.stores.err = status.Error(codes.Unavailable, "away")
		_, err := w.products(w.DB.Do, "kettle")
		_, isFault := fault.As(err)
		require.False(t, isFault, "%v", err)
		require.Equal(t, codes.Unavailable, rpc.ToStatus(err).Code(), "the client is told to try again")
	})
}

func TestAnAnswerThatIsNoProductIsNoFaultOfTheCaller(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.stores.products["kettle"] = &storesv1.Product{Id: "kettle", Version: 1}
		_, err := w.products(w.DB.Do, "kettle")
		require.Error(t, err)
		_, isFault := fault.As(err)
		require.False(t, isFault, "%v", err)
	})
}

func TestManyAreAskedForSideBySideButNotAllAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		const many, limit = 100, 8
		var ids []string
		for i := range many {
			product, _ := kettle(1)
			product.Id = fmt.Sprint("product ", i)
			ids = append(ids, product.Id)
			w.stores.products[product.Id] = product
		}
		w.stores.hold = make(chan struct{})
		done := make(chan error, 1)
		go func() {
			products, err := w.products(w.DB.Do, ids...)
			if err == nil && len(products) != many {
				err = fmt.Errorf("%d products", len(products))
			}
			done <- err
		}()
		for w.stores.started() < limit {
			runtime.Gosched()
		}
		close(w.stores.hold)
		require.NoError(t, <-done)
		require.Equal(t, many, w.stores.started())
		require.Equal(t, limit, w.stores.most)
	})
}

func TestAnEventDoesNotUndoANewerAnswerNorAnAnswerANewerEvent(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		answer, want := kettle(3)
		w.stores.products["kettle"] = answer
		_, err := w.products(w.DB.Do, "kettle")
		require.NoError(t, err)
		late, _ := kettle(2)
		w.tell(&storesv1.ProductPriceChanged{Product: late})
		w.hasProduct(want)

		newer, wantStore := tea(2)
		w.tell(&storesv1.StoreParticipationChanged{Store: newer})
		w.stores.stores["tea"], _ = tea(1) // asked before the change, kept after it
		require.NoError(t, w.DB.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := w.catalog.RefreshStore(ctx, tx, "tea")
			return err
		}))
		w.hasStore(wantStore)
	})
}

func TestAStoreIsRefreshedFromStores(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		old, _ := tea(1)
		w.tell(&storesv1.StoreCreated{Store: old})
		now, want := tea(2)
		w.stores.stores["tea"] = now
		require.NoError(t, w.DB.Do(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			fresh, err := w.catalog.RefreshStore(ctx, tx, "tea")
			require.Equal(t, want, fresh)
			return err
		}))
		w.hasStore(want)
		err := w.DB.Read(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := w.catalog.RefreshStore(ctx, tx, "nowhere")
			return err
		})
		require.ErrorIs(t, err, fault.Missing("STORE_NOT_FOUND", ""))
	})
}

func TestWhatAUnitOfWorkKeptIsGoneWithIt(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.stores.products["kettle"], _ = kettle(1)
		_, err := w.products(w.DB.Do, "kettle", "nothing")
		require.Error(t, err)
		_, err = w.products(w.DB.Do, "kettle")
		require.NoError(t, err)
		require.Len(t, w.stores.asked, 3)
	})
}
