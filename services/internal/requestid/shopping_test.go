package requestid_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/service/servicetest"
	"mallbots.example/services/baskets"
	"mallbots.example/services/internal/topics"
	"mallbots.example/services/payments"
	"mallbots.example/services/stores"
)

func usd(minorUnits int64) *typev1.Money {
	return &typev1.Money{CurrencyCode: "USD", MinorUnits: minorUnits}
}

// offer opens a store that participates and has one product.
func offer(t *testing.T, c storesv1.StoresServiceClient) *storesv1.AddProductRequest {
	t.Helper()
	shop, err := c.CreateStore(t.Context(), &storesv1.CreateStoreRequest{Name: "Tea & Co", Location: "Level 1"})
	require.NoError(t, err)
	_, err = c.EnableParticipation(t.Context(), &storesv1.EnableParticipationRequest{Id: shop.GetStore().GetId()})
	require.NoError(t, err)
	return &storesv1.AddProductRequest{
		StoreId: shop.GetStore().GetId(), Name: "Kettle", Sku: "K-1", Price: usd(2500), Stock: proto.Int64(5),
		RequestId: proto.String(id.UUIDv7()),
	}
}

func TestAProductIsAddedOnce(t *testing.T) {
	servicetest.Each(t, stores.Service(), nil, func(t *testing.T, h *servicetest.Harness) {
		c := storesv1.NewStoresServiceClient(h.Conn)
		req := offer(t, c)
		told := len(h.SentTo(topics.StoresEvents))
		first, err := c.AddProduct(t.Context(), req)
		require.NoError(t, err)
		again, err := c.AddProduct(t.Context(), req) // it would be refused, SKU_TAKEN
		require.NoError(t, err)
		requireEqual(t, first, again)
		list, err := c.ListProducts(t.Context(), &storesv1.ListProductsRequest{StoreId: req.GetStoreId()})
		require.NoError(t, err)
		require.Len(t, list.GetProducts(), 1)
		require.Len(t, h.SentTo(topics.StoresEvents), told+1)

		adjust := &storesv1.AdjustStockRequest{ProductId: first.GetProduct().GetId(), Delta: 3, RequestId: proto.String(id.UUIDv7())}
		for range 3 {
			adjusted, err := c.AdjustStock(t.Context(), adjust)
			require.NoError(t, err)
			require.EqualValues(t, 8, adjusted.GetProduct().GetAvailableStock())
		}
	})
}

func TestABasketIsFilledAndCheckedOutOnceWhoeverIsAway(t *testing.T) {
	shop := servicetest.Start(t, stores.Service(), nil)
	bank := servicetest.Start(t, payments.Service(), nil)
	peers := map[string]grpc.ClientConnInterface{"stores": shop.Conn, "payments": bank.Conn}
	nobody := map[string]grpc.ClientConnInterface{"stores": away{}, "payments": away{}}
	ctx := t.Context()
	kettle, err := storesv1.NewStoresServiceClient(shop.Conn).AddProduct(ctx, offer(t, storesv1.NewStoresServiceClient(shop.Conn)))
	require.NoError(t, err)

	servicetest.Each(t, baskets.Service(), peers, func(t *testing.T, h *servicetest.Harness) {
		ctx := t.Context()
		c := basketsv1.NewBasketsServiceClient(h.Conn)
		customer := id.UUIDv7()
		start := &basketsv1.StartBasketRequest{CustomerId: customer, RequestId: proto.String(id.UUIDv7())}
		started, err := c.StartBasket(ctx, start)
		require.NoError(t, err)
		basket := started.GetBasket().GetId()

		add := &basketsv1.AddItemRequest{
			BasketId: basket, ProductId: kettle.GetProduct().GetId(), Quantity: 2, RequestId: proto.String(id.UUIDv7()),
		}
		added, err := c.AddItem(ctx, add)
		require.NoError(t, err)
		again, err := c.AddItem(ctx, add)
		require.NoError(t, err)
		requireEqual(t, added, again)
		require.EqualValues(t, 2, again.GetBasket().GetItems()[0].GetQuantity())

		payment, err := paymentsv1.NewPaymentsServiceClient(bank.Conn).AuthorizePayment(ctx,
			&paymentsv1.AuthorizePaymentRequest{CustomerId: customer, Amount: usd(5000), RequestId: proto.String(id.UUIDv7())})
		require.NoError(t, err)
		checkOut := &basketsv1.CheckoutBasketRequest{Id: basket, PaymentId: payment.GetPayment().GetId(), RequestId: proto.String(id.UUIDv7())}
		out, err := c.CheckoutBasket(ctx, checkOut)
		require.NoError(t, err)

		// A replica that reaches nobody answers all the same.
		other := h.Replica(baskets.Service(), nobody)
		c = basketsv1.NewBasketsServiceClient(other.Conn)
		outAgain, err := c.CheckoutBasket(ctx, checkOut)
		require.NoError(t, err)
		requireEqual(t, out, outAgain)
		startedAgain, err := c.StartBasket(ctx, start)
		require.NoError(t, err)
		requireEqual(t, started, startedAgain)
		require.Len(t, h.SentTo(topics.BasketsEvents), 1)
		require.Empty(t, other.Sent())
	})
}
