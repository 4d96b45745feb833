package requestid_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	customersv1 "mallbots.example/api/mallbots/customers/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/id"
	"mallbots.example/pkg/service/servicetest"
	"mallbots.example/services/customers"
	"mallbots.example/services/internal/topics"
)

func eachCustomers(t *testing.T, test func(t *testing.T, h *servicetest.Harness, c customersv1.CustomersServiceClient)) {
	servicetest.Each(t, customers.Service(), nil, func(t *testing.T, h *servicetest.Harness) {
		test(t, h, customersv1.NewCustomersServiceClient(h.Conn))
	})
}

func register(t *testing.T, c customersv1.CustomersServiceClient, req *customersv1.RegisterCustomerRequest) *customersv1.Customer {
	t.Helper()
	resp, err := c.RegisterCustomer(t.Context(), req)
	require.NoError(t, err)
	return resp.GetCustomer()
}

func ada() *customersv1.RegisterCustomerRequest {
	return &customersv1.RegisterCustomerRequest{Name: "Ada", SmsNumber: number, RequestId: proto.String(id.UUIDv7())}
}

func requireCustomers(t *testing.T, c customersv1.CustomersServiceClient, n int) {
	t.Helper()
	resp, err := c.ListCustomers(t.Context(), &customersv1.ListCustomersRequest{PageSize: 100})
	require.NoError(t, err)
	require.Len(t, resp.GetCustomers(), n)
}

func TestARepeatedRegistrationIsTheSameCustomerAndIsToldOnce(t *testing.T) {
	eachCustomers(t, func(t *testing.T, h *servicetest.Harness, c customersv1.CustomersServiceClient) {
		req := ada()
		first := register(t, c, req)
		requireEqual(t, first, register(t, c, req))
		requireCustomers(t, c, 1)
		require.Len(t, h.SentTo(topics.CustomersEvents), 1)
	})
}

func TestAnswersAreThoseOfTheFirstTimeWhateverHappenedSince(t *testing.T) {
	eachCustomers(t, func(t *testing.T, h *servicetest.Harness, c customersv1.CustomersServiceClient) {
		req := ada()
		first := register(t, c, req)
		disable := &customersv1.DisableCustomerRequest{Id: first.GetId(), RequestId: proto.String(id.UUIDv7())}
		for range 2 { // it would be refused, were it done twice
			resp, err := c.DisableCustomer(t.Context(), disable)
			require.NoError(t, err)
			require.False(t, resp.GetCustomer().GetEnabled())
		}
		require.True(t, register(t, c, req).GetEnabled())
		require.Len(t, h.SentTo(topics.CustomersEvents), 2)
	})
}

func TestARequestIDIsOfOneRequestOnly(t *testing.T) {
	eachCustomers(t, func(t *testing.T, h *servicetest.Harness, c customersv1.CustomersServiceClient) {
		req := ada()
		first := register(t, c, req)
		_, err := c.RegisterCustomer(t.Context(), &customersv1.RegisterCustomerRequest{Name: "Bob", SmsNumber: number, RequestId: req.RequestId})
		requireReused(t, err)
		_, err = c.DisableCustomer(t.Context(), &customersv1.DisableCustomerRequest{Id: first.GetId(), RequestId: req.RequestId})
		requireReused(t, err)
		_, err = c.RegisterCustomer(t.Context(), &customersv1.RegisterCustomerRequest{SmsNumber: number, RequestId: req.RequestId})
		servicetest.RequireReason(t, err, fault.Invalid, "INVALID_FIELD")
		_, err = c.RegisterCustomer(t.Context(), &customersv1.RegisterCustomerRequest{Name: "Bob", SmsNumber: number, RequestId: proto.String("1")})
		servicetest.RequireReason(t, err, fault.Invalid, "INVALID_FIELD")
		require.Len(t, h.SentTo(topics.CustomersEvents), 1)
	})
}

func TestARefusedRequestMayBeTriedAgain(t *testing.T) {
	eachCustomers(t, func(t *testing.T, h *servicetest.Harness, c customersv1.CustomersServiceClient) {
		first := register(t, c, ada())
		enable := &customersv1.EnableCustomerRequest{Id: first.GetId(), RequestId: proto.String(id.UUIDv7())}
		_, err := c.EnableCustomer(t.Context(), enable)
		servicetest.RequireReason(t, err, fault.Refused, "CUSTOMER_ALREADY_ENABLED")
		_, err = c.DisableCustomer(t.Context(), &customersv1.DisableCustomerRequest{Id: first.GetId()})
		require.NoError(t, err)
		resp, err := c.EnableCustomer(t.Context(), enable)
		require.NoError(t, err)
		require.True(t, resp.GetCustomer().GetEnabled())
		require.Len(t, h.SentTo(topics.CustomersEvents), 3)
	})
}

// atOnce makes n calls at the same time, by turns through each of the clients.
func atOnce(n int, clients []customersv1.CustomersServiceClient, call func(c customersv1.CustomersServiceClient) error) error {
	errs := make([]error, n)
	var calling sync.WaitGroup
	for i := range n {
		calling.Go(func() { errs[i] = call(clients[i%len(clients)]) })
	}
	calling.Wait()
	return errors.Join(errs...)
}

func TestOfSixteenAtOnceOnTwoReplicasOneTakesEffect(t *testing.T) {
	eachCustomers(t, func(t *testing.T, h *servicetest.Harness, c customersv1.CustomersServiceClient) {
		other := h.Replica(customers.Service(), nil)
		clients := []customersv1.CustomersServiceClient{c, customersv1.NewCustomersServiceClient(other.Conn)}
		req := ada()
		var mu sync.Mutex
		ids := map[string]bool{}
		require.NoError(t, atOnce(16, clients, func(c customersv1.CustomersServiceClient) error {
			resp, err := c.RegisterCustomer(t.Context(), req)
			mu.Lock()
			defer mu.Unlock()
			ids[resp.GetCustomer().GetId()] = true
			return err
		}))
		require.Len(t, ids, 1)
		requireCustomers(t, c, 1)
		require.Equal(t, 1, len(h.Sent())+len(other.Sent()))

		// A change that is refused the second time: those who are late find their twin's effect, and must have its answer.
		var one string
		for one = range ids {
		}
		disable := &customersv1.DisableCustomerRequest{Id: one, RequestId: proto.String(id.UUIDv7())}
		require.NoError(t, atOnce(16, clients, func(c customersv1.CustomersServiceClient) error {
			_, err := c.DisableCustomer(t.Context(), disable)
			return err
		}))
		require.Equal(t, 2, len(h.Sent())+len(other.Sent()))
	})
}

func TestAnotherReplicaGivesTheFirstAnswerToo(t *testing.T) {
	eachCustomers(t, func(t *testing.T, h *servicetest.Harness, c customersv1.CustomersServiceClient) {
		req := ada()
		first := register(t, c, req)
		other := h.Replica(customers.Service(), nil)
		requireEqual(t, first, register(t, customersv1.NewCustomersServiceClient(other.Conn), req))
		require.Empty(t, other.Sent())
	})
}

func TestWithoutARequestIDEachRequestIsItsOwn(t *testing.T) {
	eachCustomers(t, func(t *testing.T, h *servicetest.Harness, c customersv1.CustomersServiceClient) {
		req := &customersv1.RegisterCustomerRequest{Name: "Ada", SmsNumber: number}
		require.NotEqual(t, register(t, c, req).GetId(), register(t, c, req).GetId())
		require.Len(t, h.SentTo(topics.CustomersEvents), 2)
	})
}
