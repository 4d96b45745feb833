// Package rpc serves notifications' gRPC API: protobuf on one side, use cases on the other. Errors are mapped by pkg/rpc.
package rpc

import (
	"context"

	notificationsv1 "mallbots.example/api/mallbots/notifications/v1"
	"mallbots.example/pkg/rpc"
	"mallbots.example/services/notifications/internal/app"
	"mallbots.example/services/notifications/internal/convert"
	"mallbots.example/services/notifications/internal/domain"
)

// Server implements mallbots.notifications.v1.NotificationsService.
type Server struct {
	notificationsv1.UnimplementedNotificationsServiceServer
	app *app.App
}

// NewServer serves a.
func NewServer(a *app.App) *Server { return &Server{app: a} }

// ListNotifications implements the RPC.
func (s *Server) ListNotifications(ctx context.Context, req *notificationsv1.ListNotificationsRequest) (*notificationsv1.ListNotificationsResponse, error) {
	filter := app.Filter{CustomerID: req.GetCustomerId(), OrderID: req.GetOrderId()}
	notifications, next, err := rpc.Page(req, (*domain.Notification).ID, func(after string, limit int) ([]*domain.Notification, error) {
		return s.app.ListNotifications(ctx, filter, after, limit)
	})
	if err != nil {
		return nil, err
	}
	resp := &notificationsv1.ListNotificationsResponse{NextPageToken: next}
	for _, notification := range notifications {
		resp.Notifications = append(resp.Notifications, convert.Notification(notification))
	}
	return resp, nil
}

// RetryNotification implements the RPC.
func (s *Server) RetryNotification(ctx context.Context, req *notificationsv1.RetryNotificationRequest) (*notificationsv1.RetryNotificationResponse, error) {
	notification, err := s.app.RetryNotification(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return &notificationsv1.RetryNotificationResponse{Notification: convert.Notification(notification)}, nil
}
