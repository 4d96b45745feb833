package customers_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	customersv1 "mallbots.example/api/mallbots/customers/v1"
	sagav1 "mallbots.example/api/mallbots/saga/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/rpc"
	"mallbots.example/pkg/service/servicetest"
	"mallbots.example/services/customers"
	"mallbots.example/services/internal/topics"
)

const number = "+4915112345678"

func each(t *testing.T, test func(t *testing.T, h *servicetest.Harness, c customersv1.CustomersServiceClient)) {
	servicetest.Each(t, customers.Service(), nil, func(t *testing.T, h *servicetest.Harness) {
		test(t, h, customersv1.NewCustomersServiceClient(h.Conn))
	})
}

func register(t *testing.T, c customersv1.CustomersServiceClient, name string) *customersv1.Customer {
	t.Helper()
	resp, err := c.RegisterCustomer(t.Context(), &customersv1.RegisterCustomerRequest{Name: name, SmsNumber: number})
	require.NoError(t, err)
	return resp.GetCustomer()
}

func TestARegisteredCustomerCanBeRead(t *testing.T) {
	each(t, func(t *testing.T, h *servicetest.Harness, c customersv1.CustomersServiceClient) {
		ada := register(t, c, "Ada")
		require.True(t, ada.GetEnabled())
		require.EqualValues(t, 1, ada.GetVersion())
		require.Equal(t, servicetest.Now, ada.GetCreateTime().AsTime())
		resp, err := c.GetCustomer(t.Context(), &customersv1.GetCustomerRequest{Id: ada.GetId()})
		require.NoError(t, err)
		require.True(t, proto.Equal(ada, resp.GetCustomer()), "%v", resp)
		sent := h.SentTo(topics.CustomersEvents)
		require.Len(t, sent, 1)
		require.True(t, proto.Equal(&customersv1.CustomerRegistered{Customer: ada}, sent[0]), "%v", sent[0])
		require.Equal(t, ada.GetId(), h.Sent()[0].Meta.Subject)
	})
}

func TestEveryChangeIsStoredAndTold(t *testing.T) {
	each(t, func(t *testing.T, h *servicetest.Harness, c customersv1.CustomersServiceClient) {
		ada := register(t, c, "Ada")
		ctx := t.Context()
		disabled, err := c.DisableCustomer(ctx, &customersv1.DisableCustomerRequest{Id: ada.GetId()})
		require.NoError(t, err)
		require.False(t, disabled.GetCustomer().GetEnabled())
		enabled, err := c.EnableCustomer(ctx, &customersv1.EnableCustomerRequest{Id: ada.GetId()})
		require.NoError(t, err)
		require.True(t, enabled.GetCustomer().GetEnabled())
		moved, err := c.ChangeSmsNumber(ctx, &customersv1.ChangeSmsNumberRequest{Id: ada.GetId(), SmsNumber: "+12025550123"})
		require.NoError(t, err)
		require.Equal(t, "+12025550123", moved.GetCustomer().GetSmsNumber())
		require.EqualValues(t, 4, moved.GetCustomer().GetVersion())

		read, err := c.GetCustomer(ctx, &customersv1.GetCustomerRequest{Id: ada.GetId()})
		require.NoError(t, err)
		require.True(t, proto.Equal(moved.GetCustomer(), read.GetCustomer()))
		for i, want := range []proto.Message{
			&customersv1.CustomerRegistered{Customer: ada},
			&customersv1.CustomerDisabled{Customer: disabled.GetCustomer()},
			&customersv1.CustomerEnabled{Customer: enabled.GetCustomer()},
			&customersv1.CustomerSmsNumberChanged{Customer: moved.GetCustomer()},
		} {
			require.True(t, proto.Equal(want, h.SentTo(topics.CustomersEvents)[i]), "%v", want)
		}
	})
}

func TestARefusedChangeChangesAndTellsNothing(t *testing.T) {
	each(t, func(t *testing.T, h *servicetest.Harness, c customersv1.CustomersServiceClient) {
		ada := register(t, c, "Ada")
		_, err := c.EnableCustomer(t.Context(), &customersv1.EnableCustomerRequest{Id: ada.GetId()})
		servicetest.RequireReason(t, err, fault.Refused, "CUSTOMER_ALREADY_ENABLED")
		read, err := c.GetCustomer(t.Context(), &customersv1.GetCustomerRequest{Id: ada.GetId()})
		require.NoError(t, err)
		require.True(t, proto.Equal(ada, read.GetCustomer()))
		require.Len(t, h.Sent(), 1)
	})
}

func TestBadInputIsNamed(t *testing.T) {
	each(t, func(t *testing.T, h *servicetest.Harness, c customersv1.CustomersServiceClient) {
		ctx := t.Context()
		for name, test := range map[string]struct {
			call  func() error
			field string
		}{
			"no name": {func() error {
				_, err := c.RegisterCustomer(ctx, &customersv1.RegisterCustomerRequest{SmsNumber: number})
				return err
			}, "name"},
			"long name": {func() error {
				_, err := c.RegisterCustomer(ctx, &customersv1.RegisterCustomerRequest{Name: strings.Repeat("a", 101), SmsNumber: number})
				return err
			}, "name"},
			"bad number": {func() error {
				_, err := c.RegisterCustomer(ctx, &customersv1.RegisterCustomerRequest{Name: "Ada", SmsNumber: "911"})
				return err
			}, "sms_number"},
			"no id": {func() error {
				_, err := c.GetCustomer(ctx, &customersv1.GetCustomerRequest{})
				return err
			}, "id"},
		} {
			t.Run(name, func(t *testing.T) {
				err := test.call()
				servicetest.RequireReason(t, err, fault.Invalid, "INVALID_FIELD")
				refusal, _ := fault.As(rpc.FromStatus(err))
				require.Equal(t, test.field, refusal.Fields[0].Name)
			})
		}
		require.Empty(t, h.Sent())
	})
}

func TestAnUnknownCustomerIsNotFound(t *testing.T) {
	each(t, func(t *testing.T, _ *servicetest.Harness, c customersv1.CustomersServiceClient) {
		ctx, nobody := t.Context(), id.UUIDv7()
		_, err := c.GetCustomer(ctx, &customersv1.GetCustomerRequest{Id: nobody})
		servicetest.RequireReason(t, err, fault.NotFound, "CUSTOMER_NOT_FOUND")
		_, err = c.DisableCustomer(ctx, &customersv1.DisableCustomerRequest{Id: nobody})
		servicetest.RequireReason(t, err, fault.NotFound, "CUSTOMER_NOT_FOUND")
		_, err = c.AuthorizeCustomer(ctx, &customersv1.AuthorizeCustomerRequest{Id: nobody})
		servicetest.RequireReason(t, err, fault.NotFound, "CUSTOMER_NOT_FOUND")
	})
}

func TestCustomersAreListedPageByPage(t *testing.T) {
	each(t, func(t *testing.T, _ *servicetest.Harness, c customersv1.CustomersServiceClient) {
		var want, got []string
		for _, name := range []string{"Ada", "Bob", "Cleo", "Dan", "Eve"} {
			want = append(want, register(t, c, name).GetId())
		}
		req := &customersv1.ListCustomersRequest{PageSize: 2}
		for pages := 1; ; pages++ {
			resp, err := c.ListCustomers(t.Context(), req)
			require.NoError(t, err)
			for _, customer := range resp.GetCustomers() {
				got = append(got, customer.GetId())
			}
			if resp.GetNextPageToken() == "" {
				require.Equal(t, 3, pages)
				break
			}
			req.PageToken = resp.GetNextPageToken()
		}
		require.Equal(t, want, got)
	})
}

func TestASagaLearnsWhetherACustomerMayOrder(t *testing.T) {
	each(t, func(t *testing.T, h *servicetest.Harness, c customersv1.CustomersServiceClient) {
		ada, bob := register(t, c, "Ada"), register(t, c, "Bob")
		_, err := c.DisableCustomer(t.Context(), &customersv1.DisableCustomerRequest{Id: bob.GetId()})
		require.NoError(t, err)
		ask := func(customer string) *sagav1.CommandReply {
			order := id.UUIDv7()
			return h.Command(topics.CustomersCommands, order,
				&customersv1.AuthorizeCustomer{OrderId: order, CustomerId: customer}).(*sagav1.CommandReply)
		}
		require.NotNil(t, ask(ada.GetId()).GetSucceeded())
		require.Equal(t, "CUSTOMER_DISABLED", ask(bob.GetId()).GetFailed().GetReason())
		require.Equal(t, "CUSTOMER_NOT_FOUND", ask(id.UUIDv7()).GetFailed().GetReason())
	})
}
