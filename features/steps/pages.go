package steps

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	customersv1 "mallbots.example/api/mallbots/customers/v1"
	depotv1 "mallbots.example/api/mallbots/depot/v1"
	notificationsv1 "mallbots.example/api/mallbots/notifications/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
	paymentsv1 "mallbots.example/api/mallbots/payments/v1"
	searchv1 "mallbots.example/api/mallbots/search/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
)

func (w *world) pageSteps() {
	w.step(`^(\w+/\w+) of "([^"]*)" is read in pages of (\d+)$`, w.readPages)
	w.step(`^(\w+/\w+) comes to answer with pages of ([0-9, ]+) for "([^"]*)" when (\d+) are asked for$`, w.pagesComeToBe)
	w.step(`^the pages hold ([0-9, ]+)$`, w.pagesHold)
	w.step(`^the pages hold everything once, the (oldest|newest) first$`, w.pagesInOrder)
	w.step(`^the page token of (\w+/\w+) of "([^"]*)" is used for "([^"]*)"$`, w.foreignToken)
}

// listing makes the request of a listing about something of the scenario.
func (w *world) listing(method, name string) (proto.Message, error) {
	switch method {
	case "Stores/ListStores":
		return &storesv1.ListStoresRequest{}, nil
	case "Customers/ListCustomers":
		return &customersv1.ListCustomersRequest{}, nil
	case "Depot/ListBots":
		return &depotv1.ListBotsRequest{}, nil
	case "Stores/ListProducts":
		id, err := w.store(name)
		return &storesv1.ListProductsRequest{StoreId: id}, err
	case "Depot/ListShoppingLists":
		id, err := w.robot(name)
		return &depotv1.ListShoppingListsRequest{BotId: id}, err
	}
	s, err := w.shopper(name)
	if err != nil {
		return nil, err
	}
	switch method {
	case "Ordering/ListOrders":
		return &orderingv1.ListOrdersRequest{CustomerId: s.customerID}, nil
	case "Payments/ListInvoices":
		return &paymentsv1.ListInvoicesRequest{CustomerId: s.customerID}, nil
	case "Notifications/ListNotifications":
		return &notificationsv1.ListNotificationsRequest{CustomerId: s.customerID}, nil
	case "Search/SearchOrders":
		return &searchv1.SearchOrdersRequest{CustomerId: s.customerID}, nil
	default:
		return nil, fmt.Errorf("the features know no listing %s", method)
	}
}

func (w *world) readPages(ctx context.Context, method, name string, size int) error {
	request, err := w.listing(method, name)
	if err != nil {
		return err
	}
	w.pages = nil
	m := request.ProtoReflect()
	fields := m.Descriptor().Fields()
	m.Set(fields.ByName("page_size"), protoreflect.ValueOfInt32(int32(size))) //nolint:gosec // of a feature
	for {
		response, err := w.invoke(ctx, method, request)
		if err != nil {
			return err
		}
		w.pages = append(w.pages, response)
		next := nextPageToken(response)
		if next == "" {
			return nil
		}
		m.Set(fields.ByName("page_token"), protoreflect.ValueOfString(next))
	}
}

func nextPageToken(response proto.Message) string {
	m := response.ProtoReflect()
	return m.Get(m.Descriptor().Fields().ByName("next_page_token")).String()
}

// items are the ids on a page.
func items(response proto.Message) (ids []string) {
	response.ProtoReflect().Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		if !field.IsList() {
			return true
		}
		for i := range value.List().Len() {
			item := value.List().Get(i).Message()
			ids = append(ids, item.Get(item.Descriptor().Fields().ByName("id")).String())
		}
		return true
	})
	return ids
}

func (w *world) pagesHold(want string) error {
	sizes := make([]string, 0, len(w.pages))
	for _, page := range w.pages {
		sizes = append(sizes, fmt.Sprint(len(items(page))))
	}
	if got := strings.Join(sizes, ", "); got != want {
		return fmt.Errorf("the pages hold %s", got)
	}
	return nil
}

// pagesComeToBe waits for what events bring.
func (w *world) pagesComeToBe(ctx context.Context, method, want, name string, size int) error {
	return eventually(ctx, func(ctx context.Context) error {
		if err := w.readPages(ctx, method, name, size); err != nil {
			return err
		}
		return w.pagesHold(want)
	})
}

// pagesInOrder relies on ids that sort by the time when they were made.
func (w *world) pagesInOrder(first string) error {
	last := ""
	for _, page := range w.pages {
		for _, id := range items(page) {
			if last != "" && (id == last || (id > last) != (first == "oldest")) {
				return fmt.Errorf("%s follows %s", id, last)
			}
			last = id
		}
	}
	if last == "" {
		return errors.New("the pages are empty")
	}
	return nil
}

func (w *world) foreignToken(ctx context.Context, method, name, other string) error {
	if err := w.readPages(ctx, method, name, 1); err != nil {
		return err
	}
	request, err := w.listing(method, other)
	if err != nil {
		return err
	}
	m := request.ProtoReflect()
	m.Set(m.Descriptor().Fields().ByName("page_token"), protoreflect.ValueOfString(nextPageToken(w.pages[0])))
	w.call = call{method: method, request: request}
	_, w.call.err = w.invoke(ctx, method, request)
	return nil
}
