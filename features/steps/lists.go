package steps

import (
	"context"
	"errors"
	"fmt"

	"github.com/cucumber/godog"

	depotv1 "mallbots.example/api/mallbots/depot/v1"
)

func (w *world) listSteps() {
	w.step(`^the shopping list of "([^"]*)" (becomes available|is with a robot|is collected|is canceled)$`, w.listBecomes)
	w.step(`^the shopping list of "([^"]*)" says$`, w.listSays)
	w.step(`^the depot shows the shopping list of "([^"]*)" among those that are (available|with a robot|collected|canceled)$`, w.depotShows)
	w.step(`^the depot cancels the shopping list of "([^"]*)"$`, w.depotCancels)
	w.tries(`^the depot tries to cancel the shopping list of "([^"]*)"$`, w.depotCancels)
	w.step(`^a robot has collected (\d+) "([^"]*)" for the order of "([^"]*)"$`, w.robotHasCollected)
	w.step(`^no robot collects anything for the order of "([^"]*)"$`, w.noRobotCollects)
}

// listStatuses by what the features say.
var listStatuses = map[string]depotv1.ShoppingListStatus{
	"becomes available": depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_AVAILABLE,
	"is with a robot":   depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_ASSIGNED,
	"is collected":      depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_COMPLETED,
	"is canceled":       depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_CANCELED,
	"available":         depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_AVAILABLE,
	"with a robot":      depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_ASSIGNED,
	"collected":         depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_COMPLETED,
	"canceled":          depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_CANCELED,
}

func (w *world) lists(ctx context.Context, name string) ([]*depotv1.ShoppingList, error) {
	orderID, err := w.orderOf(name)
	if err != nil {
		return nil, err
	}
	resp, err := w.depot.ListShoppingLists(ctx, &depotv1.ListShoppingListsRequest{OrderId: orderID})
	return resp.GetShoppingLists(), err
}

// list is the one of a customer's order.
func (w *world) list(ctx context.Context, name string) (*depotv1.ShoppingList, error) {
	lists, err := w.lists(ctx, name)
	if err != nil {
		return nil, err
	}
	if len(lists) != 1 {
		return nil, fmt.Errorf("the order has %d shopping lists", len(lists))
	}
	resp, err := w.depot.GetShoppingList(ctx, &depotv1.GetShoppingListRequest{Id: lists[0].GetId()})
	return resp.GetShoppingList(), err
}

// releasedList is the one of a customer's order, when it is not pending any more: that its order is approved is seen a moment before.
func (w *world) releasedList(ctx context.Context, name string) (list *depotv1.ShoppingList, err error) {
	err = eventually(ctx, func(ctx context.Context) error {
		if list, err = w.list(ctx, name); err != nil {
			return err
		}
		if list.GetStatus() == depotv1.ShoppingListStatus_SHOPPING_LIST_STATUS_PENDING {
			return errors.New("the shopping list is pending")
		}
		return nil
	})
	return list, err
}

func (w *world) listBecomes(ctx context.Context, name, what string) error {
	return eventually(ctx, func(ctx context.Context) error {
		list, err := w.list(ctx, name)
		if err == nil && list.GetStatus() != listStatuses[what] {
			err = fmt.Errorf("the shopping list is %v", list.GetStatus())
		}
		return err
	})
}

// listSays compares a list with a table of store, location, product and quantity.
func (w *world) listSays(ctx context.Context, name string, table *godog.Table) error {
	list, err := w.list(ctx, name)
	if err != nil {
		return err
	}
	var lines [][]string
	for _, stop := range list.GetStops() {
		for _, item := range stop.GetItems() {
			lines = append(lines, []string{stop.GetStoreName(), stop.GetStoreLocation(), item.GetProductName(), fmt.Sprint(item.GetQuantity())})
		}
	}
	return sameRows(lines, table)
}

func (w *world) depotShows(ctx context.Context, name, what string) error {
	orderID, err := w.orderOf(name)
	if err != nil {
		return err
	}
	resp, err := w.depot.ListShoppingLists(ctx, &depotv1.ListShoppingListsRequest{OrderId: orderID, Status: listStatuses[what]})
	if err == nil && len(resp.GetShoppingLists()) != 1 {
		err = fmt.Errorf("%d of its lists are", len(resp.GetShoppingLists()))
	}
	return err
}

func (w *world) depotCancels(ctx context.Context, name string) error {
	list, err := w.releasedList(ctx, name)
	if err != nil {
		return err
	}
	_, err = w.depot.CancelShoppingList(ctx, &depotv1.CancelShoppingListRequest{Id: list.GetId()})
	return err
}

func (w *world) robotHasCollected(ctx context.Context, quantity int32, product, name string) error {
	list, err := w.list(ctx, name)
	if err != nil {
		return err
	}
	if list.GetStatus() != listStatuses["collected"] || list.GetBotId() == "" {
		return fmt.Errorf("the shopping list is %v", list.GetStatus())
	}
	var collected int32
	for _, stop := range list.GetStops() {
		for _, item := range stop.GetItems() {
			if item.GetProductName() == product {
				collected += item.GetQuantity()
			}
		}
	}
	if collected != quantity {
		return fmt.Errorf("%d were collected", collected)
	}
	return nil
}

// noRobotCollects waits: the list of a rejected order is canceled a moment later.
func (w *world) noRobotCollects(ctx context.Context, name string) error {
	return eventually(ctx, func(ctx context.Context) error {
		lists, err := w.lists(ctx, name)
		if err != nil {
			return err
		}
		for _, list := range lists {
			if list.GetStatus() != listStatuses["canceled"] || list.GetBotId() != "" {
				return fmt.Errorf("a shopping list is %v", list.GetStatus())
			}
		}
		return nil
	})
}
