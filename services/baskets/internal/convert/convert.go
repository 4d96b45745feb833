// Package convert turns baskets into the form of the API, which RPC answers and messages share.
package convert

import (
	"google.golang.org/protobuf/types/known/timestamppb"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	"mallbots.example/pkg/money/moneypb"
	"mallbots.example/services/baskets/internal/app"
	"mallbots.example/services/baskets/internal/domain"
)

var statuses = map[domain.Status]basketsv1.BasketStatus{
	domain.Open:       basketsv1.BasketStatus_BASKET_STATUS_OPEN,
	domain.CheckedOut: basketsv1.BasketStatus_BASKET_STATUS_CHECKED_OUT,
	domain.Canceled:   basketsv1.BasketStatus_BASKET_STATUS_CANCELED,
}

// Basket is the public state of a basket.
func Basket(v app.View) *basketsv1.Basket {
	state := v.State()
	basket := &basketsv1.Basket{
		Id: v.ID(), CustomerId: state.CustomerID, PaymentId: state.PaymentID, Total: moneypb.ToProto(v.Total), Status: statuses[state.Status],
		CreateTime: timestamppb.New(v.CreatedAt()), UpdateTime: timestamppb.New(v.UpdatedAt()), Version: v.Version(),
	}
	for _, item := range v.Items {
		basket.Items = append(basket.Items, &basketsv1.BasketItem{
			ProductId: item.ProductID, StoreId: item.StoreID, ProductName: item.ProductName, StoreName: item.StoreName,
			Price: moneypb.ToProto(item.Price), Quantity: item.Quantity, UnavailableReason: v.Unavailable[item.ProductID],
		})
	}
	return basket
}
