package stores_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	storesv1 "mallbots.example/api/mallbots/stores/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/rpc"
	"mallbots.example/pkg/service/servicetest"
	"mallbots.example/pkg/store"
	"mallbots.example/services/internal/topics"
)

func TestANewProductCanBeReadAndIsToldWithoutItsStock(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		books := m.open(t, "Waldorf Books")
		crystal := m.add(t, wizard(books.GetId()))
		requireEqual(t, &storesv1.Product{
			Id: crystal.GetId(), StoreId: books.GetId(), Name: "Wizard w/ crystal", Description: "Looks into the future", Sku: "W-1",
			Price: usd(998), AvailableStock: proto.Int64(5), CreateTime: books.GetCreateTime(), UpdateTime: books.GetCreateTime(), Version: 1,
		}, crystal)
		requireEqual(t, crystal, m.read(t, crystal.GetId()))
		m.requireSent(t, topics.StoresEvents, &storesv1.StoreCreated{Store: books}, &storesv1.ProductAdded{Product: untold(crystal)})
		require.Equal(t, crystal.GetId(), m.Sent()[1].Meta.Subject)
	})
}

func TestStockIsUnlimitedUnlessCounted(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		books := m.open(t, "Waldorf Books")
		ebook, soldOut := m.stocked(t, books.GetId(), -1), m.stocked(t, books.GetId(), 0)
		require.Nil(t, ebook.AvailableStock)
		require.Nil(t, m.read(t, ebook.GetId()).AvailableStock)
		require.Equal(t, proto.Int64(0), soldOut.AvailableStock)
		require.Equal(t, proto.Int64(0), m.read(t, soldOut.GetId()).AvailableStock)
	})
}

func TestEveryChangeOfAProductIsStoredAndTold(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		ctx := t.Context()
		books := m.open(t, "Waldorf Books")
		crystal := m.add(t, wizard(books.GetId()))
		m.Clock.Advance(time.Hour)
		rebranded, err := m.RebrandProduct(ctx, &storesv1.RebrandProductRequest{Id: crystal.GetId(), Name: "Witch"})
		require.NoError(t, err)
		dearer, err := m.IncreaseProductPrice(ctx, &storesv1.IncreaseProductPriceRequest{Id: crystal.GetId(), Price: usd(1200)})
		require.NoError(t, err)
		cheaper, err := m.DecreaseProductPrice(ctx, &storesv1.DecreaseProductPriceRequest{Id: crystal.GetId(), Price: usd(0)})
		require.NoError(t, err)
		removed, err := m.RemoveProduct(ctx, &storesv1.RemoveProductRequest{Id: crystal.GetId()})
		require.NoError(t, err)

		requireEqual(t, usd(1200), dearer.GetProduct().GetPrice())
		want := proto.Clone(crystal).(*storesv1.Product)
		want.Name, want.Description, want.Price, want.Removed, want.Version = "Witch", "", usd(0), true, 5
		want.UpdateTime = removed.GetProduct().GetUpdateTime()
		requireEqual(t, want, removed.GetProduct())
		require.Equal(t, servicetest.Now.Add(time.Hour), want.GetUpdateTime().AsTime())
		requireEqual(t, want, m.read(t, crystal.GetId()))
		m.requireSent(t, topics.StoresEvents,
			&storesv1.StoreCreated{Store: books},
			&storesv1.ProductAdded{Product: untold(crystal)},
			&storesv1.ProductRebranded{Product: untold(rebranded.GetProduct())},
			&storesv1.ProductPriceChanged{Product: untold(dearer.GetProduct())},
			&storesv1.ProductPriceChanged{Product: untold(cheaper.GetProduct())},
			&storesv1.ProductRemoved{Product: untold(removed.GetProduct())})
	})
}

func TestAChangeThatIsNoneIsNotTold(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		ctx := t.Context()
		crystal := m.add(t, wizard(m.open(t, "Waldorf Books").GetId()))
		same, err := m.RebrandProduct(ctx, &storesv1.RebrandProductRequest{Id: crystal.GetId(), Name: crystal.GetName(), Description: crystal.GetDescription()})
		require.NoError(t, err)
		requireEqual(t, crystal, same.GetProduct())
		_, err = m.IncreaseProductPrice(ctx, &storesv1.IncreaseProductPriceRequest{Id: crystal.GetId(), Price: usd(998)})
		require.NoError(t, err)
		_, err = m.DecreaseProductPrice(ctx, &storesv1.DecreaseProductPriceRequest{Id: crystal.GetId(), Price: usd(998)})
		require.NoError(t, err)
		requireEqual(t, crystal, m.read(t, crystal.GetId()))
		require.Len(t, m.Sent(), 2)
	})
}

// changes are all RPCs that change a product, by their names.
func (m mall) changes(ctx context.Context, productID string) map[string]func() error {
	return map[string]func() error{
		"RebrandProduct": func() error {
			_, err := m.RebrandProduct(ctx, &storesv1.RebrandProductRequest{Id: productID, Name: "Witch"})
			return err
		},
		"IncreaseProductPrice": func() error {
			_, err := m.IncreaseProductPrice(ctx, &storesv1.IncreaseProductPriceRequest{Id: productID, Price: usd(1)})
			return err
		},
		"DecreaseProductPrice": func() error {
			_, err := m.DecreaseProductPrice(ctx, &storesv1.DecreaseProductPriceRequest{Id: productID, Price: usd(9999)})
			return err
		},
		"AdjustStock": func() error {
			_, err := m.AdjustStock(ctx, &storesv1.AdjustStockRequest{ProductId: productID, Delta: -100})
			return err
		},
		"RemoveProduct": func() error {
			_, err := m.RemoveProduct(ctx, &storesv1.RemoveProductRequest{Id: productID})
			return err
		},
	}
}

func TestAnUnknownProductIsNotFound(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		nothing := id.UUIDv7()
		for name, change := range m.changes(t.Context(), nothing) {
			t.Run(name, func(t *testing.T) { servicetest.RequireReason(t, change(), fault.NotFound, "PRODUCT_NOT_FOUND") })
		}
		_, err := m.GetProduct(t.Context(), &storesv1.GetProductRequest{Id: nothing})
		servicetest.RequireReason(t, err, fault.NotFound, "PRODUCT_NOT_FOUND")
	})
}

func TestARemovedProductCannotBeChanged(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		crystal := m.add(t, wizard(m.open(t, "Waldorf Books").GetId()))
		removed, err := m.RemoveProduct(t.Context(), &storesv1.RemoveProductRequest{Id: crystal.GetId()})
		require.NoError(t, err)
		for name, change := range m.changes(t.Context(), crystal.GetId()) {
			t.Run(name, func(t *testing.T) { servicetest.RequireReason(t, change(), fault.Refused, "PRODUCT_REMOVED") })
		}
		requireEqual(t, removed.GetProduct(), m.read(t, crystal.GetId()))
		require.Len(t, m.Sent(), 3)
	})
}

func TestAPriceMovesAsItsCallSays(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		ctx := t.Context()
		crystal := m.add(t, wizard(m.open(t, "Waldorf Books").GetId()))
		_, err := m.IncreaseProductPrice(ctx, &storesv1.IncreaseProductPriceRequest{Id: crystal.GetId(), Price: usd(997)})
		servicetest.RequireReason(t, err, fault.Refused, "PRICE_NOT_AN_INCREASE")
		_, err = m.DecreaseProductPrice(ctx, &storesv1.DecreaseProductPriceRequest{Id: crystal.GetId(), Price: usd(999)})
		servicetest.RequireReason(t, err, fault.Refused, "PRICE_NOT_A_DECREASE")
		requireEqual(t, crystal, m.read(t, crystal.GetId()))
	})
}

func TestPricesAreInTheCurrencyOfTheMall(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		ctx, books := t.Context(), m.open(t, "Waldorf Books")
		crystal := m.add(t, wizard(books.GetId()))
		euros := usd(998)
		euros.CurrencyCode = "EUR"
		req := wizard(books.GetId())
		req.Price = euros // and its sku is taken, which comes after
		_, err := m.AddProduct(ctx, req)
		servicetest.RequireReason(t, err, fault.Refused, "CURRENCY_MISMATCH")
		_, err = m.IncreaseProductPrice(ctx, &storesv1.IncreaseProductPriceRequest{Id: crystal.GetId(), Price: euros})
		servicetest.RequireReason(t, err, fault.Refused, "CURRENCY_MISMATCH")
		_, err = m.DecreaseProductPrice(ctx, &storesv1.DecreaseProductPriceRequest{Id: crystal.GetId(), Price: euros})
		servicetest.RequireReason(t, err, fault.Refused, "CURRENCY_MISMATCH")
	})
}

func TestBadInputAboutAProductIsNamed(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		ctx, books := t.Context(), m.open(t, "Waldorf Books")
		for name, test := range map[string]struct {
			breakIt func(*storesv1.AddProductRequest)
			field   string
		}{
			"no store":         {func(r *storesv1.AddProductRequest) { r.StoreId = "" }, "store_id"},
			"no name":          {func(r *storesv1.AddProductRequest) { r.Name = "" }, "name"},
			"long description": {func(r *storesv1.AddProductRequest) { r.Description = strings.Repeat("a", 2001) }, "description"},
			"long sku":         {func(r *storesv1.AddProductRequest) { r.Sku = strings.Repeat("a", 65) }, "sku"},
			"no price":         {func(r *storesv1.AddProductRequest) { r.Price = nil }, "price"},
			"negative price":   {func(r *storesv1.AddProductRequest) { r.Price = usd(-1) }, "price.minor_units"},
			"no currency":      {func(r *storesv1.AddProductRequest) { r.Price.CurrencyCode = "" }, "price.currency_code"},
			"negative stock":   {func(r *storesv1.AddProductRequest) { r.Stock = proto.Int64(-1) }, "stock"},
		} {
			t.Run(name, func(t *testing.T) {
				req := wizard(books.GetId())
				test.breakIt(req)
				_, err := m.AddProduct(ctx, req)
				requireField(t, err, test.field)
			})
		}
		crystal := m.add(t, wizard(books.GetId()))
		for _, delta := range []int64{0, 1_000_000_001} {
			_, err := m.AdjustStock(ctx, &storesv1.AdjustStockRequest{ProductId: crystal.GetId(), Delta: delta})
			requireField(t, err, "delta")
		}
	})
}

func TestASkuIsUniqueWithinItsStore(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		books, toys := m.open(t, "Waldorf Books"), m.open(t, "Toys")
		crystal := m.add(t, wizard(books.GetId()))
		again := func(t *testing.T) {
			t.Helper()
			_, err := m.AddProduct(t.Context(), wizard(books.GetId()))
			servicetest.RequireReason(t, err, fault.Refused, "SKU_TAKEN")
		}
		again(t)
		m.add(t, wizard(toys.GetId()))
		_, err := m.RemoveProduct(t.Context(), &storesv1.RemoveProductRequest{Id: crystal.GetId()})
		require.NoError(t, err)
		again(t) // a removed product keeps its sku
		m.stocked(t, books.GetId(), 1)
		m.stocked(t, books.GetId(), 1) // no sku is no sku, however often
	})
}

func TestOfTwoThatAddASkuAtOnceOneWins(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		books := m.open(t, "Waldorf Books")
		errs := make([]error, 6)
		var adding sync.WaitGroup
		for i := range errs {
			adding.Go(func() { _, errs[i] = m.AddProduct(t.Context(), wizard(books.GetId())) })
		}
		adding.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			servicetest.RequireReason(t, err, fault.Refused, "SKU_TAKEN")
		}
		require.Equal(t, 1, won)
		require.Len(t, m.listProducts(t, books.GetId()), 1)
		require.Len(t, m.Sent(), 2)
	})
}

func TestTheCatalogOfAStoreIsListedPageByPage(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		books, toys := m.open(t, "Waldorf Books"), m.open(t, "Toys")
		require.Empty(t, m.listProducts(t, books.GetId()))
		var want []*storesv1.Product
		for i := range 5 {
			m.stocked(t, toys.GetId(), 1)
			want = append(want, m.stocked(t, books.GetId(), int64(i)-1))
		}
		_, err := m.RemoveProduct(t.Context(), &storesv1.RemoveProductRequest{Id: want[3].GetId()})
		require.NoError(t, err)
		want = append(want[:3], want[4])
		got := m.listProducts(t, books.GetId())
		require.Len(t, got, len(want))
		for i := range want {
			requireEqual(t, want[i], got[i])
		}
	})
}

// listProducts gives the catalog of a store, two products at a time.
func (m mall) listProducts(t *testing.T, storeID string) (products []*storesv1.Product) {
	t.Helper()
	req := &storesv1.ListProductsRequest{StoreId: storeID, PageSize: 2}
	for {
		resp, err := m.ListProducts(t.Context(), req)
		require.NoError(t, err)
		require.LessOrEqual(t, len(resp.GetProducts()), 2)
		products = append(products, resp.GetProducts()...)
		if req.PageToken = resp.GetNextPageToken(); req.PageToken == "" {
			return products
		}
	}
}

// A long life is read from a snapshot, and nothing is lost by it.
func TestAProductWithALongLifeIsWhatItsEventsSay(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		ctx := t.Context()
		crystal := m.add(t, wizard(m.open(t, "Waldorf Books").GetId()))
		for i := range 60 {
			_, err := m.RebrandProduct(ctx, &storesv1.RebrandProductRequest{Id: crystal.GetId(), Name: fmt.Sprintf("Wizard %d", i)})
			require.NoError(t, err)
		}
		var snapshots int
		require.NoError(t, m.DB.Read(ctx, func(ctx context.Context, tx *store.Tx) error {
			return tx.QueryRow(ctx, `SELECT count(*) FROM snapshots WHERE aggregate_kind = 'product'`).Scan(&snapshots)
		}))
		require.Equal(t, 1, snapshots)
		resp, err := m.IncreaseProductPrice(ctx, &storesv1.IncreaseProductPriceRequest{Id: crystal.GetId(), Price: usd(1000)})
		require.NoError(t, err)
		want := proto.Clone(crystal).(*storesv1.Product)
		want.Name, want.Description, want.Price, want.Version = "Wizard 59", "", usd(1000), 62
		requireEqual(t, want, resp.GetProduct())
	})
}

// Many change one product at the same time: each change is made on what the one before it left, or its caller is told to try again.
func TestChangesOfOneProductFollowEachOther(t *testing.T) {
	each(t, func(t *testing.T, m mall) {
		crystal := m.add(t, wizard(m.open(t, "Waldorf Books").GetId()))
		errs := make([]error, 4)
		var changing sync.WaitGroup
		for i := range errs {
			changing.Go(func() {
				_, errs[i] = m.RebrandProduct(t.Context(), &storesv1.RebrandProductRequest{Id: crystal.GetId(), Name: fmt.Sprintf("Wizard %d", i)})
			})
		}
		changing.Wait()
		version := int64(1)
		for _, err := range errs {
			if err == nil {
				version++
				continue
			}
			refusal, ok := fault.As(rpc.FromStatus(err))
			require.True(t, ok, "%v", err)
			require.Equal(t, store.ConflictReason, refusal.Reason)
		}
		require.Equal(t, version, m.read(t, crystal.GetId()).GetVersion())
	})
}
