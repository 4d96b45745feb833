// Package convert turns notifications into the form of the API.
package convert

import (
	"google.golang.org/protobuf/types/known/timestamppb"

	notificationsv1 "mallbots.example/api/mallbots/notifications/v1"
	"mallbots.example/services/notifications/internal/domain"
)

// Notification is the public state of a notification.
func Notification(n *domain.Notification) *notificationsv1.Notification {
	state, meta := n.State(), n.Meta()
	public := &notificationsv1.Notification{
		Id: meta.ID, CustomerId: state.CustomerID, OrderId: state.OrderID, Kind: Kind(state.Kind), SmsNumber: state.SmsNumber,
		Text: state.Text, Status: Status(state.Status), Attempts: state.Attempts,
		CreateTime: timestamppb.New(meta.CreatedAt), UpdateTime: timestamppb.New(meta.UpdatedAt), Version: meta.Version,
	}
	if !state.SentAt.IsZero() {
		public.SentTime = timestamppb.New(state.SentAt)
	}
	return public
}

var kinds = map[domain.Kind]notificationsv1.NotificationKind{
	domain.OrderReceived: notificationsv1.NotificationKind_NOTIFICATION_KIND_ORDER_RECEIVED,
	domain.OrderReady:    notificationsv1.NotificationKind_NOTIFICATION_KIND_ORDER_READY,
	domain.OrderCanceled: notificationsv1.NotificationKind_NOTIFICATION_KIND_ORDER_CANCELED,
	domain.OrderRejected: notificationsv1.NotificationKind_NOTIFICATION_KIND_ORDER_REJECTED,
}

// Kind is what a notification tells.
func Kind(k domain.Kind) notificationsv1.NotificationKind { return kinds[k] }

var statuses = map[domain.Status]notificationsv1.NotificationStatus{
	domain.Queued: notificationsv1.NotificationStatus_NOTIFICATION_STATUS_QUEUED,
	domain.Sent:   notificationsv1.NotificationStatus_NOTIFICATION_STATUS_SENT,
	domain.Failed: notificationsv1.NotificationStatus_NOTIFICATION_STATUS_FAILED,
}

// Status is where a notification stands.
func Status(s domain.Status) notificationsv1.NotificationStatus { return statuses[s] }
