// Package notifications tells customers by SMS what becomes of their orders.
package notifications

import (
	customersv1 "mallbots.example/api/mallbots/customers/v1"
	notificationsv1 "mallbots.example/api/mallbots/notifications/v1"
	"mallbots.example/pkg/service"
	"mallbots.example/pkg/store"
	"mallbots.example/services/internal/people"
	"mallbots.example/services/internal/topics"
	"mallbots.example/services/notifications/internal/app"
	"mallbots.example/services/notifications/internal/messages"
	"mallbots.example/services/notifications/internal/rpc"
	notificationstore "mallbots.example/services/notifications/internal/store"
)

// Service is the table of contents of notifications.
func Service() service.Service {
	settings := &Settings{}
	return service.Service{
		Name:     "notifications",
		Schemas:  []store.Schema{notificationstore.Schema, people.Schema},
		Settings: settings,
		Build: func(rt *service.Runtime) error {
			sender, err := settings.sender(rt)
			if err != nil {
				return err
			}
			customers := people.New(customersv1.NewCustomersServiceClient(rt.Peer("customers")))
			notifications := app.New(app.Config{
				DB: rt.DB, Notifications: notificationstore.Notifications{}, People: customers, Sender: sender,
				Clock: rt.Clock, IDs: rt.IDs, Log: rt.Log, Metrics: rt.Metrics,
			})
			notificationsv1.RegisterNotificationsServiceServer(rt.GRPC, rpc.NewServer(notifications))
			rt.Consume(topics.OrderingEvents, messages.Orders(notifications)...)
			rt.Consume(topics.CustomersEvents, customers.Handlers()...)
			rt.Go("sending", notifications.RunSending)
			return nil
		},
	}
}
