package steps

import (
	"context"
	"fmt"

	"github.com/cucumber/godog"
	"github.com/google/uuid"

	customersv1 "mallbots.example/api/mallbots/customers/v1"
)

// anyNumber can be called, as far as the mall knows.
const anyNumber = "+12025550123"

func (w *world) customerSteps(sc *godog.ScenarioContext) {
	sc.Step(`^a customer "([^"]*)"$`, func(ctx context.Context, name string) error { return w.register(ctx, name, anyNumber) })
	sc.Step(`^a stranger "([^"]*)"$`, w.aStranger)
	sc.Step(`^"([^"]*)" registers with the number "([^"]*)"$`, w.register)
	sc.Step(`^"([^"]*)" tries to register with the number "([^"]*)"$`, func(ctx context.Context, name, number string) error {
		w.try(w.register(ctx, name, number))
		return nil
	})
	sc.Step(`^"([^"]*)" changes the number to "([^"]*)"$`, w.changeNumber)
	sc.Step(`^the customer "([^"]*)" has been disabled$`, w.disable)
	sc.Step(`^the customer "([^"]*)" has been enabled$`, w.enable)
	sc.Step(`^somebody tries to disable "([^"]*)"$`, func(ctx context.Context, name string) error {
		w.try(w.disable(ctx, name))
		return nil
	})
	sc.Step(`^"([^"]*)" is known by the number "([^"]*)"$`, w.knownBy)
	sc.Step(`^"([^"]*)" may place orders$`, w.mayOrder)
	sc.Step(`^"([^"]*)" may not place orders$`, w.mayNotOrder)
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

func (w *world) mayNotOrder(ctx context.Context, name string) error {
	return expect(w.mayOrder(ctx, name), refusals["the customer is disabled"])
}
