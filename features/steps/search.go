package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cucumber/godog"

	searchv1 "mallbots.example/api/mallbots/search/v1"
)

func (w *world) searchSteps() {
	w.step(`^the orders of "([^"]*)" are searched by (.+) "([^"]*)"$`, func(ctx context.Context, name, filter, value string) error {
		if err := w.searchAll(name); err != nil {
			return err
		}
		return w.narrow(ctx, name, filter, value)
	})
	w.step(`^the orders of "([^"]*)" are searched by$`, w.searchBy)
	w.step(`^all orders of "([^"]*)" are searched$`, w.searchAll)
	w.tries(`^somebody tries to search for orders over `+price+`$`, w.searchOver)
	w.step(`^the search comes to find "([^"]*)"$`, w.finds)
	w.step(`^the search still finds "([^"]*)"$`, w.stillFinds)
	w.step(`^the search comes to show the order of "([^"]*)" as (approved|ready|completed|rejected|canceled)$`, w.searchShows)
	w.step(`^the search names "([^"]*)" as the one who ordered$`, w.searchNames)
	w.step(`^what the search knows is built anew$`, w.rebuild)
}

// searchAll begins a search with the orders of one customer: scenarios share the mall.
func (w *world) searchAll(name string) error {
	s, err := w.shopper(name)
	if err != nil {
		return err
	}
	w.query = &searchv1.SearchOrdersRequest{CustomerId: s.customerID}
	return nil
}

func (w *world) searchBy(ctx context.Context, name string, filters *godog.Table) error {
	if err := w.searchAll(name); err != nil {
		return err
	}
	for _, row := range filters.Rows {
		if err := w.narrow(ctx, name, row.Cells[0].Value, row.Cells[1].Value); err != nil {
			return err
		}
	}
	return nil
}

// narrow adds a filter to the search.
func (w *world) narrow(ctx context.Context, name, filter, value string) (err error) {
	var id string
	switch filter {
	case "the store":
		id, err = w.store(value)
		w.query.StoreIds = append(w.query.StoreIds, id)
	case "the product":
		id, err = w.product(value)
		w.query.ProductIds = append(w.query.ProductIds, id)
	case "a total of at least":
		w.query.MinTotal, err = money(value)
	case "a total of at most":
		w.query.MaxTotal, err = money(value)
	case "the status":
		w.query.Status = statuses[value]
	case "the text":
		w.query.Text = value
	case "the time since the order of":
		var order *searchv1.Order
		order, err = w.found(ctx, name, value)
		w.query.CreatedAfter = order.GetCreateTime()
	case "the time before the order of":
		var order *searchv1.Order
		order, err = w.found(ctx, name, value)
		w.query.CreatedBefore = order.GetCreateTime()
	default:
		err = fmt.Errorf("the features know no filter %q", filter)
	}
	return err
}

// found is the order of a customer for a product.
func (w *world) found(ctx context.Context, name, product string) (found *searchv1.Order, err error) {
	s, err := w.shopper(name)
	if err != nil {
		return nil, err
	}
	err = eventually(ctx, func(ctx context.Context) error {
		resp, err := w.search.SearchOrders(ctx, &searchv1.SearchOrdersRequest{CustomerId: s.customerID})
		if err != nil {
			return err
		}
		for _, order := range resp.GetOrders() {
			if order.GetItems()[0].GetProductName() == product {
				found = order
				return nil
			}
		}
		return fmt.Errorf("the search finds no order for %q", product)
	})
	return found, err
}

func (w *world) searchOver(ctx context.Context, price string) error {
	amount, err := money(price)
	if err != nil {
		return err
	}
	_, err = w.search.SearchOrders(ctx, &searchv1.SearchOrdersRequest{MinTotal: amount})
	return err
}

// stillFinds compares what is found, newest first, with the first products of the orders.
func (w *world) stillFinds(ctx context.Context, want string) error {
	resp, err := w.search.SearchOrders(ctx, w.query)
	if err != nil {
		return err
	}
	var found []string
	for _, order := range resp.GetOrders() {
		found = append(found, order.GetItems()[0].GetProductName())
	}
	if !slices.Equal(found, strings.FieldsFunc(want, func(r rune) bool { return r == ',' || r == ' ' })) {
		return fmt.Errorf("found are %q", found)
	}
	return nil
}

func (w *world) finds(ctx context.Context, want string) error {
	return eventually(ctx, func(ctx context.Context) error { return w.stillFinds(ctx, want) })
}

func (w *world) searchShows(ctx context.Context, name, status string) error {
	orderID, err := w.orderOf(name)
	if err != nil {
		return err
	}
	return eventually(ctx, func(ctx context.Context) error {
		resp, err := w.search.GetOrder(ctx, &searchv1.GetOrderRequest{Id: orderID})
		if err == nil && resp.GetOrder().GetStatus() != statuses[status] {
			err = fmt.Errorf("the search shows it as %v", resp.GetOrder().GetStatus())
		}
		return err
	})
}

func (w *world) searchNames(ctx context.Context, name string) error {
	orderID, err := w.orderOf(name)
	if err != nil {
		return err
	}
	return eventually(ctx, func(ctx context.Context) error {
		resp, err := w.search.GetOrder(ctx, &searchv1.GetOrderRequest{Id: orderID})
		if err == nil && resp.GetOrder().GetCustomerName() != name {
			err = fmt.Errorf("the search names %q", resp.GetOrder().GetCustomerName())
		}
		return err
	})
}

// rebuild waits for its turn: one runs at a time, and other scenarios want one too.
func (w *world) rebuild(ctx context.Context) error {
	return eventually(ctx, func(ctx context.Context) error {
		resp, err := w.search.RebuildOrders(ctx, &searchv1.RebuildOrdersRequest{})
		if err == nil && resp.GetOrderCount() == 0 {
			err = errors.New("it knows no order")
		}
		return err
	})
}
