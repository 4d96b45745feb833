// Package peopletest is the service customers as those who keep a copy of the customers see it: for their tests.
package peopletest

import (
	"context"
	"net"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	customersv1 "mallbots.example/api/mallbots/customers/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/rpc"
)

// Customers is a peer that knows whom it is told to know.
type Customers struct {
	customersv1.UnimplementedCustomersServiceServer
	// Conn calls it.
	Conn *grpc.ClientConn

	mu    sync.Mutex
	known map[string]*customersv1.Customer
	err   error
	asked []string
}

// Start serves until the test ends.
func Start(t testing.TB) *Customers {
	t.Helper()
	c := &Customers{}
	c.Reset()
	server := grpc.NewServer()
	customersv1.RegisterCustomersServiceServer(server, c)
	listener := bufconn.Listen(1 << 16)
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := server.Serve(listener); err != nil {
			t.Errorf("serving: %v", err)
		}
	})
	var err error
	c.Conn, err = grpc.NewClient("passthrough:customers", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Conn.Close()
		server.Stop()
		serving.Wait()
	})
	return c
}

// Reset makes it know nobody.
func (c *Customers) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known, c.err, c.asked = map[string]*customersv1.Customer{}, nil, nil
}

// Know makes it know somebody.
func (c *Customers) Know(customer *customersv1.Customer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known[customer.GetId()] = customer
}

// Fail makes every call fail with err, or none any more if it is nil.
func (c *Customers) Fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
}

// Asked are the ids that it was asked for.
func (c *Customers) Asked() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.asked...)
}

// GetCustomer implements customersv1.CustomersServiceServer.
func (c *Customers) GetCustomer(_ context.Context, req *customersv1.GetCustomerRequest) (*customersv1.GetCustomerResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, req.GetId())
	if c.err != nil {
		return nil, c.err
	}
	if customer, ok := c.known[req.GetId()]; ok {
		return &customersv1.GetCustomerResponse{Customer: customer}, nil
	}
	return nil, rpc.ToStatus(fault.Missing("CUSTOMER_NOT_FOUND", "there is no customer %s", req.GetId())).Err() //nolint:contextcheck // a fake needs none
}
