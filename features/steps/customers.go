package steps

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"

	customersv1 "mallbots.example/api/mallbots/customers/v1"
)

const (
	// anyNumber can be called, as far as the mall knows.
	anyNumber = "+12025550123"
	// RefusedNumber is one that the carrier of a mall must refuse for good, and nothing else, for scenarios tagged @carrier.
	RefusedNumber = "+12025550100"
)

func (w *world) customerSteps() {
	w.step(`^a customer "([^"]*)"$`, func(ctx context.Context, name string) error { return w.register(ctx, name, anyNumber) })
	w.step(`^a customer "([^"]*)" whose number no carrier reaches$`, func(ctx context.Context, name string) error {
		return w.register(ctx, name, RefusedNumber)
	})
	w.step(`^a stranger "([^"]*)"$`, w.aStranger)
	w.step(`^"([^"]*)" registers with the number "([^"]*)"$`, w.register)
	w.tries(`^"([^"]*)" tries to register with the number "([^"]*)"$`, w.register)
	w.step(`^"([^"]*)" changes the number to "([^"]*)"$`, w.changeNumber)
	w.tries(`^"([^"]*)" tries to change the number to "([^"]*)"$`, w.changeNumber)
	w.step(`^the customer "([^"]*)" has been disabled$`, w.disable)
	w.step(`^the customer "([^"]*)" has been enabled$`, w.enable)
	w.tries(`^somebody tries to disable "([^"]*)"$`, w.disable)
	w.tries(`^somebody tries to enable "([^"]*)"$`, w.enable)
	w.step(`^"([^"]*)" is known by the number "([^"]*)"$`, w.knownBy)
	w.step(`^"([^"]*)" may place orders$`, w.mayOrder)
	w.tries(`^it is asked whether "([^"]*)" may place orders$`, w.mayOrder)
	w.step(`^the register of customers shows "([^"]*)"$`, w.registerShows)
}

func (w *world) register(ctx context.Context, name, number string) error {
	resp, err := w.customers.RegisterCustomer(ctx, &customersv1.RegisterCustomerRequest{Name: name, SmsNumber: number})
	if err != nil {
		return err
	}
	w.shoppers[name] = &shopper{customerID: resp.GetCustomer().GetId()}
	return nil
}

// aStranger is somebody who never registered.
func (w *world) aStranger(name string) error {
	w.shoppers[name] = &shopper{customerID: uuid.NewString()}
	return nil
}

func (w *world) changeNumber(ctx context.Context, name, number string) error {
	s, err := w.shopper(name)
	if err != nil {
		return err
	}
	_, err = w.customers.ChangeSmsNumber(ctx, &customersv1.ChangeSmsNumberRequest{Id: s.customerID, SmsNumber: number})
	return err
}

func (w *world) disable(ctx context.Context, name string) error {
	s, err := w.shopper(name)
	if err != nil {
		return err
	}
	_, err = w.customers.DisableCustomer(ctx, &customersv1.DisableCustomerRequest{Id: s.customerID})
	return err
}

func (w *world) enable(ctx context.Context, name string) error {
	s, err := w.shopper(name)
	if err != nil {
		return err
	}
	_, err = w.customers.EnableCustomer(ctx, &customersv1.EnableCustomerRequest{Id: s.customerID})
	return err
}

func (w *world) knownBy(ctx context.Context, name, number string) error {
	s, err := w.shopper(name)
	if err != nil {
		return err
	}
	resp, err := w.customers.GetCustomer(ctx, &customersv1.GetCustomerRequest{Id: s.customerID})
	if err != nil {
		return err
	}
	if got := resp.GetCustomer(); got.GetName() != name || got.GetSmsNumber() != number {
		return fmt.Errorf("it is %s with the number %s", got.GetName(), got.GetSmsNumber())
	}
	return nil
}

func (w *world) mayOrder(ctx context.Context, name string) error {
	s, err := w.shopper(name)
	if err != nil {
		return err
	}
	_, err = w.customers.AuthorizeCustomer(ctx, &customersv1.AuthorizeCustomerRequest{Id: s.customerID})
	return err
}

func (w *world) registerShows(ctx context.Context, name string) error {
	s, err := w.shopper(name)
	if err != nil {
		return err
	}
	req := &customersv1.ListCustomersRequest{PageSize: 100}
	for {
		resp, err := w.customers.ListCustomers(ctx, req)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(resp.GetCustomers(), func(c *customersv1.Customer) bool { return c.GetId() == s.customerID }) {
			return nil
		}
		if req.PageToken = resp.GetNextPageToken(); req.PageToken == "" {
			return fmt.Errorf("the register shows no %q", name)
		}
	}
}
