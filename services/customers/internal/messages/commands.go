// Package messages is what customers tells other services and what they ask of it.
package messages

import (
	"context"

	"google.golang.org/protobuf/proto"

	customersv1 "mallbots.example/api/mallbots/customers/v1"
	"mallbots.example/pkg/message"
	"mallbots.example/pkg/store"
	"mallbots.example/services/customers/internal/app"
)

// Commands handles what sagas ask of customers.
func Commands(a *app.App) []message.Handler {
	return []message.Handler{
		message.OnCommand(func(ctx context.Context, tx *store.Tx, _ message.Meta, c *customersv1.AuthorizeCustomer) (proto.Message, error) {
			_, err := a.Authorize(ctx, tx, c.GetCustomerId())
			return nil, err
		}),
	}
}
