package people

import (
	"context"

	"google.golang.org/protobuf/proto"

	customersv1 "mallbots.example/api/mallbots/customers/v1"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
)

// Handlers keeps the copy up to date with topics.CustomersEvents. Each event carries all that is kept, so that they may come in any
// order, again, or not at all: an older version than the one here changes nothing.
func (*People) Handlers() []message.Handler {
	return []message.Handler{
		onCustomer[*customersv1.CustomerRegistered](),
		onCustomer[*customersv1.CustomerSmsNumberChanged](),
		onCustomer[*customersv1.CustomerEnabled](),
		onCustomer[*customersv1.CustomerDisabled](),
	}
}

// customerEvent is what the events have in common.
type customerEvent interface {
	proto.Message
	GetCustomer() *customersv1.Customer
}

func onCustomer[E customerEvent]() message.Handler {
	return message.OnEvent(func(_ context.Context, tx *store.Tx, _ message.Meta, event E) error {
		p, err := personOf(event.GetCustomer())
		if err == nil {
			keep(tx, p)
		}
		return err
	})
}
