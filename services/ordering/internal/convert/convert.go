// Package convert turns orders into the form of the API, which RPC answers and messages share.
package convert

import (
	"google.golang.org/protobuf/types/known/timestamppb"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	"mallbots.example/pkg/money/moneypb"
	"mallbots.example/services/ordering/internal/domain"
)

// Order is the public state of an order.
func Order(v domain.View) *orderingv1.Order {
	order := &orderingv1.Order{
		Id: v.ID, CustomerId: v.CustomerID, PaymentId: v.PaymentID, Total: moneypb.ToProto(v.Total),
		ShoppingListId: v.ShoppingListID, InvoiceId: v.InvoiceID, Status: Status(v.Status), RejectReason: v.RejectReason,
		CreateTime: timestamppb.New(v.CreatedAt), UpdateTime: timestamppb.New(v.UpdatedAt), Version: v.Version,
	}
	for _, item := range v.Items {
		order.Items = append(order.Items, &orderingv1.OrderItem{
			ProductId: item.ProductID, StoreId: item.StoreID, ProductName: item.ProductName, StoreName: item.StoreName,
			Price: moneypb.ToProto(item.Price), Quantity: item.Quantity,
		})
	}
	return order
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

var causes = map[domain.Cause]orderingv1.CancelCause{
	domain.ByCustomer:      orderingv1.CancelCause_CANCEL_CAUSE_CUSTOMER,
	domain.ListGivenUp:     orderingv1.CancelCause_CANCEL_CAUSE_SHOPPING_LIST_GIVEN_UP,
	domain.InvoiceCanceled: orderingv1.CancelCause_CANCEL_CAUSE_INVOICE_CANCELED,
}

// Cause is why an order is to be canceled.
func Cause(c domain.Cause) orderingv1.CancelCause { return causes[c] }

// Status is where an order stands.
func Status(s domain.Status) orderingv1.OrderStatus { return statuses[s] }
