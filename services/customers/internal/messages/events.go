package messages

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	customersv1 "mallbots.example/api/mallbots/customers/v1"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
	"mallbots.example/services/customers/internal/convert"
	"mallbots.example/services/customers/internal/domain"
	"mallbots.example/services/internal/topics"
)

// Events publishes what happened to a customer, with the customer as they are after the change.
type Events struct{ publisher message.Publisher }

// NewEvents publishes by way of publisher.
func NewEvents(publisher message.Publisher) Events { return Events{publisher: publisher} }

// Publish implements app.Events.
func (e Events) Publish(ctx context.Context, tx *store.Tx, customer *domain.Customer) {
	for _, event := range customer.Events() {
		e.publisher.Publish(ctx, tx, message.Event(topics.CustomersEvents, customer.ID(), body(event, convert.Customer(customer))))
	}
}

func body(event domain.Event, customer *customersv1.Customer) proto.Message {
	switch event {
	case domain.Registered:
		return &customersv1.CustomerRegistered{Customer: customer}
	case domain.SmsNumberChanged:
		return &customersv1.CustomerSmsNumberChanged{Customer: customer}
	case domain.Enabled:
		return &customersv1.CustomerEnabled{Customer: customer}
	case domain.Disabled:
		return &customersv1.CustomerDisabled{Customer: customer}
	}
	panic(fmt.Sprintf("customers: no message for the event %q", event))
}
