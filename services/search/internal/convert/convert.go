// Package convert turns orders into the form of search's API, and reads those of ordering's.
package convert

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/types/known/timestamppb"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	searchv1 "mallbots.example/api/mallbots/search/v1"
	"mallbots.example/pkg/money/moneypb"
	"mallbots.example/services/search/internal/domain"
)

// Order is an order as people look for it.
func Order(o domain.Found) *searchv1.Order {
	public := &searchv1.Order{
		Id: o.ID, CustomerId: o.CustomerID, CustomerName: o.CustomerName, Total: moneypb.ToProto(o.Total), Status: statuses[o.Status],
		RejectReason: o.RejectReason, CreateTime: timestamppb.New(o.CreatedAt), UpdateTime: timestamppb.New(o.UpdatedAt), Version: o.Version,
	}
	for _, item := range o.Items {
		public.Items = append(public.Items, &searchv1.OrderItem{
			ProductId: item.ProductID, StoreId: item.StoreID, ProductName: item.ProductName, StoreName: item.StoreName,
			Price: moneypb.ToProto(item.Price), Quantity: item.Quantity,
		})
	}
	return public
}

var statuses = map[domain.Status]orderingv1.OrderStatus{
	domain.Pending:    orderingv1.OrderStatus_ORDER_STATUS_PENDING,
	domain.Approved:   orderingv1.OrderStatus_ORDER_STATUS_APPROVED,
	domain.InProgress: orderingv1.OrderStatus_ORDER_STATUS_IN_PROGRESS,
	domain.Ready:      orderingv1.OrderStatus_ORDER_STATUS_READY,
	domain.Completed:  orderingv1.OrderStatus_ORDER_STATUS_COMPLETED,
	domain.Rejected:   orderingv1.OrderStatus_ORDER_STATUS_REJECTED,
	domain.Canceling:  orderingv1.OrderStatus_ORDER_STATUS_CANCELING,
	domain.Canceled:   orderingv1.OrderStatus_ORDER_STATUS_CANCELED,
}

// Status reads where an order stands; "" for what is none of the statuses.
func Status(public orderingv1.OrderStatus) domain.Status {
	for status, name := range statuses {
		if name == public {
			return status
		}
	}
	return ""
}

// OrderOf reads an order of ordering. What it does not tell can't be searched for: such an order is an error, and no fault of who asks.
func OrderOf(o *orderingv1.Order) (domain.Order, error) {
	order := domain.Order{
		ID: o.GetId(), CustomerID: o.GetCustomerId(), Status: Status(o.GetStatus()), RejectReason: o.GetRejectReason(), Version: o.GetVersion(),
	}
	if order.ID == "" || order.Version < 1 {
		return domain.Order{}, errors.New("an order without id or version")
	}
	if order.Status == "" {
		return domain.Order{}, fmt.Errorf("order %s: no status that is known: %v", order.ID, o.GetStatus())
	}
	if err := errors.Join(o.GetCreateTime().CheckValid(), o.GetUpdateTime().CheckValid()); err != nil {
		return domain.Order{}, fmt.Errorf("order %s: %w", order.ID, err)
	}
	order.CreatedAt, order.UpdatedAt = o.GetCreateTime().AsTime(), o.GetUpdateTime().AsTime()
	var err error
	if order.Total, err = moneypb.FromProto(o.GetTotal()); err != nil {
		return domain.Order{}, fmt.Errorf("order %s: total: %v", order.ID, err) //nolint:errorlint // no fault of whoever asked
	}
	for _, item := range o.GetItems() {
		price, err := moneypb.FromProto(item.GetPrice())
		if err != nil {
			return domain.Order{}, fmt.Errorf("order %s: price of %s: %v", order.ID, item.GetProductId(), err) //nolint:errorlint // as above
		}
		order.Items = append(order.Items, domain.Item{
			ProductID: item.GetProductId(), StoreID: item.GetStoreId(), ProductName: item.GetProductName(), StoreName: item.GetStoreName(),
			Price: price, Quantity: item.GetQuantity(),
		})
	}
	return order, nil
}
