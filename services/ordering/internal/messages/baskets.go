package messages

import (
	"context"
	"fmt"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/money/moneypb"
	"mallbots.example/pkg/store"
	"mallbots.example/services/ordering/internal/app"
	"mallbots.example/services/ordering/internal/domain"
)

// Baskets handles what happens to baskets: one that is checked out becomes an order.
func Baskets(a *app.App) []message.Handler {
	return []message.Handler{
		message.OnEvent(func(ctx context.Context, tx *store.Tx, _ message.Meta, e *basketsv1.BasketCheckedOut) error {
			draft, err := draftOf(e.GetBasket())
			if err != nil {
				return err
			}
			return a.CreateOrder(ctx, tx, e.GetBasket().GetId(), draft)
		}),
	}
}

func draftOf(basket *basketsv1.Basket) (domain.Draft, error) {
	draft := domain.Draft{CustomerID: basket.GetCustomerId(), PaymentID: basket.GetPaymentId()}
	for _, item := range basket.GetItems() {
		price, err := moneypb.FromProto(item.GetPrice())
		if err != nil {
			return domain.Draft{}, fmt.Errorf("basket %s: price of product %s: %w", basket.GetId(), item.GetProductId(), err)
		}
		draft.Items = append(draft.Items, domain.Item{
			ProductID: item.GetProductId(), StoreID: item.GetStoreId(), ProductName: item.GetProductName(), StoreName: item.GetStoreName(),
			Price: price, Quantity: item.GetQuantity(),
		})
	}
	return draft, nil
}
