// Package convert turns customers into the form of the API, which RPC answers and messages share.
package convert

import (
	"google.golang.org/protobuf/types/known/timestamppb"

	customersv1 "mallbots.example/api/mallbots/customers/v1"
	"mallbots.example/services/customers/internal/domain"
)

// Customer is the public state of a customer.
func Customer(c *domain.Customer) *customersv1.Customer {
	state, meta := c.State(), c.Meta()
	return &customersv1.Customer{
		Id: meta.ID, Name: state.Name, SmsNumber: state.SmsNumber, Enabled: state.Enabled,
		CreateTime: timestamppb.New(meta.CreatedAt), UpdateTime: timestamppb.New(meta.UpdatedAt), Version: meta.Version,
	}
}
