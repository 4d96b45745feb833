// Package cosec is the saga execution coordinator: it carries each order through the services that have a say in it, and undoes what
// was done when one of them says no.
package cosec

import (
	"mallbots.example/pkg/saga"
	"mallbots.example/pkg/service"
	"mallbots.example/pkg/store"
	"mallbots.example/services/cosec/internal/sagas"
	"mallbots.example/services/internal/topics"
)

// Service is the table of contents of cosec.
func Service() service.Service {
	return service.Service{
		Name:    "cosec",
		Schemas: []store.Schema{saga.Schema},
		Build: func(rt *service.Runtime) error {
			config := saga.Config{
				Publisher: rt.Outbox, DB: rt.DB, Clock: rt.Clock, Logger: rt.Log, ReplyTopic: topics.CosecReplies,
				OnIgnored: sagas.CountIgnored(rt.Metrics),
			}
			createOrder, err := saga.New(config, sagas.CreateOrder)
			if err != nil {
				return err
			}
			cancelOrder, err := saga.New(config, sagas.CancelOrder)
			if err != nil {
				return err
			}
			endOrder, err := saga.New(config, sagas.EndOrder)
			if err != nil {
				return err
			}
			rt.Consume(topics.OrderingEvents, sagas.Starts(createOrder, cancelOrder, endOrder)...)
			rt.Consume(topics.CosecReplies, saga.Replies(createOrder, cancelOrder, endOrder))
			rt.Gauges(createOrder.Gauges(), cancelOrder.Gauges(), endOrder.Gauges())
			rt.Go("timers of "+createOrder.Name(), createOrder.RunTimers)
			rt.Go("timers of "+cancelOrder.Name(), cancelOrder.RunTimers)
			rt.Go("timers of "+endOrder.Name(), endOrder.RunTimers)
			return nil
		},
	}
}
