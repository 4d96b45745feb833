package convert_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	searchv1 "mallbots.example/api/mallbots/search/v1"
	typev1 "mallbots.example/api/mallbots/type/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/services/search/internal/convert"
	"mallbots.example/services/search/internal/domain"
)

var (
	monday  = timestamppb.New(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
	tuesday = timestamppb.New(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
)

func dollars(cents int64) *typev1.Money { return &typev1.Money{CurrencyCode: "USD", MinorUnits: cents} }

func told() *orderingv1.Order {
	return &orderingv1.Order{
		Id: "order", CustomerId: "ada", PaymentId: "visa", Total: dollars(900), Status: orderingv1.OrderStatus_ORDER_STATUS_REJECTED,
		RejectReason: "OUT_OF_STOCK", CreateTime: monday, UpdateTime: tuesday, Version: 2,
		Items: []*orderingv1.OrderItem{
			{ProductId: "tea", StoreId: "pantry", ProductName: "Tea", StoreName: "Pantry", Price: dollars(450), Quantity: 2},
		},
	}
}

func TestAnOrderIsShownAsItWasTold(t *testing.T) {
	order, err := convert.OrderOf(told())
	require.NoError(t, err)
	want := &searchv1.Order{
		Id: "order", CustomerId: "ada", CustomerName: "Ada", Total: dollars(900), Status: orderingv1.OrderStatus_ORDER_STATUS_REJECTED,
		RejectReason: "OUT_OF_STOCK", CreateTime: monday, UpdateTime: tuesday, Version: 2,
		Items: []*searchv1.OrderItem{
			{ProductId: "tea", StoreId: "pantry", ProductName: "Tea", StoreName: "Pantry", Price: dollars(450), Quantity: 2},
		},
	}
	got := convert.Order(domain.Found{Order: order, CustomerName: "Ada"})
	require.True(t, proto.Equal(want, got), "%v", got)
}

func TestEachStatusOfOrderingIsKnown(t *testing.T) {
	seen := map[domain.Status]bool{}
	for number := range orderingv1.OrderStatus_name {
		public := orderingv1.OrderStatus(number)
		status := convert.Status(public)
		require.Equal(t, public == orderingv1.OrderStatus_ORDER_STATUS_UNSPECIFIED, status == "", public)
		require.False(t, seen[status], public)
		seen[status] = true
	}
}

func TestWhatCannotBeSearchedForIsNoOrder(t *testing.T) {
	for name, broken := range map[string]func(o *orderingv1.Order){
		"no id":           func(o *orderingv1.Order) { o.Id = "" },
		"no version":      func(o *orderingv1.Order) { o.Version = 0 },
		"no status":       func(o *orderingv1.Order) { o.Status = 0 },
		"unknown status":  func(o *orderingv1.Order) { o.Status = 99 },
		"no time":         func(o *orderingv1.Order) { o.CreateTime = nil },
		"no time of late": func(o *orderingv1.Order) { o.UpdateTime = nil },
		"no total":        func(o *orderingv1.Order) { o.Total = nil },
		"odd total":       func(o *orderingv1.Order) { o.Total = &typev1.Money{CurrencyCode: "dollars"} },
		"no price":        func(o *orderingv1.Order) { o.Items[0].Price = nil },
	} {
		t.Run(name, func(t *testing.T) {
			order := told()
			broken(order)
			_, err := convert.OrderOf(order)
			require.Error(t, err)
			_, isFault := fault.As(err)
			require.False(t, isFault, "nobody asked: %v", err)
		})
	}
	_, err := convert.OrderOf(nil)
	require.Error(t, err)
}
