package steps

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cucumber/godog"

	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
)

func (w *world) orderSteps() {
	w.step(`^the order of "([^"]*)" becomes (approved|in progress|ready|completed)$`, w.orderBecomes)
	w.step(`^the order of "([^"]*)" becomes rejected because (.+)$`, w.orderIsRejected)
	w.step(`^one of the two orders is approved and the other is not$`, w.oneIsApproved)
	w.step(`^(\d+) of them get what they ordered, and the others are told that there is not enough stock$`, w.someAreApproved)
	w.step(`^the order of "([^"]*)" is over$`, w.orderIsOver)
	w.step(`^the order of "([^"]*)" costs `+price+`$`, w.orderCosts)
	w.step(`^"([^"]*)" sees all (\d+) orders, the newest first$`, w.seesOrders)
	w.step(`^"([^"]*)" never got as far as an order$`, w.noOrder)
}

// statuses by what the features say.
var statuses = map[string]orderingv1.OrderStatus{
	"approved": orderingv1.OrderStatus_ORDER_STATUS_APPROVED, "in progress": orderingv1.OrderStatus_ORDER_STATUS_IN_PROGRESS,
	"ready": orderingv1.OrderStatus_ORDER_STATUS_READY, "completed": orderingv1.OrderStatus_ORDER_STATUS_COMPLETED,
	"rejected": orderingv1.OrderStatus_ORDER_STATUS_REJECTED, "canceled": orderingv1.OrderStatus_ORDER_STATUS_CANCELED,
}

// progress orders the statuses of an order that goes well: a watcher may see a later one first.
var progress = map[orderingv1.OrderStatus]int{
	orderingv1.OrderStatus_ORDER_STATUS_PENDING: 1, orderingv1.OrderStatus_ORDER_STATUS_APPROVED: 2,
	orderingv1.OrderStatus_ORDER_STATUS_IN_PROGRESS: 3, orderingv1.OrderStatus_ORDER_STATUS_READY: 4,
	orderingv1.OrderStatus_ORDER_STATUS_COMPLETED: 5,
}

func decided(o *orderingv1.Order) bool { return progress[o.GetStatus()] > 1 }

func final(o *orderingv1.Order) bool {
	switch o.GetStatus() {
	case orderingv1.OrderStatus_ORDER_STATUS_COMPLETED, orderingv1.OrderStatus_ORDER_STATUS_REJECTED, orderingv1.OrderStatus_ORDER_STATUS_CANCELED:
		return true
	default:
		return false
	}
}

// follow watches an order until enough says so, or it is final.
func (w *world) follow(ctx context.Context, orderID string, enough func(o *orderingv1.Order) bool) (*orderingv1.Order, error) {
	if orderID == "" {
		return nil, errors.New("there is no order: nothing was checked out")
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	stream, err := w.ordering.WatchOrder(ctx, &orderingv1.WatchOrderRequest{Id: orderID})
	if err != nil {
		return nil, err
	}
	var last *orderingv1.Order
	for {
		resp, err := stream.Recv()
		if err != nil {
			return last, fmt.Errorf("the order is %v: %w", last.GetStatus(), err)
		}
		if last = resp.GetOrder(); enough(last) || final(last) {
			return last, nil
		}
	}
}

func (w *world) orderOf(name string) (string, error) {
	s, err := w.shopper(name)
	if err != nil {
		return "", err
	}
	if s.orderID == "" {
		return "", errors.New("there is no order: nothing was checked out")
	}
	return s.orderID, nil
}

func (w *world) getOrder(ctx context.Context, name string) (*orderingv1.Order, error) {
	orderID, err := w.orderOf(name)
	if err != nil {
		return nil, err
	}
	resp, err := w.ordering.GetOrder(ctx, &orderingv1.GetOrderRequest{Id: orderID})
	return resp.GetOrder(), err
}

func (w *world) orderBecomes(ctx context.Context, name, status string) error {
	orderID, err := w.orderOf(name)
	if err != nil {
		return err
	}
	want := statuses[status]
	order, err := w.follow(ctx, orderID, func(o *orderingv1.Order) bool { return progress[o.GetStatus()] >= progress[want] })
	if err != nil {
		return err
	}
	if progress[order.GetStatus()] < progress[want] {
		return fmt.Errorf("the order is %v %s", order.GetStatus(), order.GetRejectReason())
	}
	return nil
}

func (w *world) orderIsRejected(ctx context.Context, name, because string) error {
	reason, ok := rejections[because]
	if !ok {
		return fmt.Errorf("the features know no rejection because %q", because)
	}
	orderID, err := w.orderOf(name)
	if err != nil {
		return err
	}
	order, err := w.follow(ctx, orderID, decided)
	if err != nil {
		return err
	}
	if order.GetStatus() != orderingv1.OrderStatus_ORDER_STATUS_REJECTED || order.GetRejectReason() != reason {
		return fmt.Errorf("the order is %v %s, not rejected for %s", order.GetStatus(), order.GetRejectReason(), reason)
	}
	return nil
}

// approved counts the orders that are approved; the others must be rejected for a reason.
func (w *world) approved(ctx context.Context, orderIDs []string, reason string) (approved int, err error) {
	for _, orderID := range orderIDs {
		order, err := w.follow(ctx, orderID, decided)
		if err != nil {
			return 0, err
		}
		switch {
		case decided(order):
			approved++
		case order.GetRejectReason() != reason:
			return 0, fmt.Errorf("an order is %v %s", order.GetStatus(), order.GetRejectReason())
		}
	}
	return approved, nil
}

func (w *world) oneIsApproved(ctx context.Context) error {
	var orders []string
	for _, s := range w.shoppers {
		for _, orderID := range []string{s.orderID, s.otherID} {
			if orderID != "" { // or it was refused at the counter
				orders = append(orders, orderID)
			}
		}
	}
	approved, err := w.approved(ctx, orders, "PAYMENT_IN_USE")
	if err == nil && approved != 1 {
		err = fmt.Errorf("%d orders are approved", approved)
	}
	return err
}

func (w *world) someAreApproved(ctx context.Context, want int) error {
	approved, err := w.approved(ctx, w.rushed(), "OUT_OF_STOCK")
	if err == nil && approved != want {
		err = fmt.Errorf("%d orders are approved", approved)
	}
	return err
}

// orderIsOver compares the lines of an order with a table of store, product, price and quantity.
func (w *world) orderIsOver(ctx context.Context, name string, table *godog.Table) error {
	order, err := w.getOrder(ctx, name)
	if err != nil {
		return err
	}
	lines := make([][]string, 0, len(order.GetItems()))
	for _, item := range order.GetItems() {
		cents := item.GetPrice().GetMinorUnits()
		lines = append(lines, []string{
			item.GetStoreName(), item.GetProductName(), fmt.Sprintf("%d.%02d", cents/100, cents%100), fmt.Sprint(item.GetQuantity()),
		})
	}
	return sameRows(lines, table)
}

// sameRows compares rows with those of a table that has a heading.
func sameRows(got [][]string, table *godog.Table) error {
	if len(got) != len(table.Rows)-1 {
		return fmt.Errorf("there are %d: %v", len(got), got)
	}
	for i, row := range table.Rows[1:] {
		for j, cell := range row.Cells {
			if got[i][j] != cell.Value {
				return fmt.Errorf("it is %v", got)
			}
		}
	}
	return nil
}

func (w *world) orderCosts(ctx context.Context, name, price string) error {
	order, err := w.getOrder(ctx, name)
	if err != nil {
		return err
	}
	return costs("the order", order.GetTotal(), price)
}

func (w *world) listOrders(ctx context.Context, name string) (ids []string, err error) {
	s, err := w.shopper(name)
	if err != nil {
		return nil, err
	}
	resp, err := w.ordering.ListOrders(ctx, &orderingv1.ListOrdersRequest{CustomerId: s.customerID})
	for _, order := range resp.GetOrders() {
		ids = append(ids, order.GetId())
	}
	return ids, err
}

func (w *world) seesOrders(ctx context.Context, name string, count int) error {
	listed, err := w.listOrders(ctx, name)
	if err != nil {
		return err
	}
	want := slices.Clone(w.shoppers[name].orderIDs)
	slices.Reverse(want)
	if len(want) != count || !slices.Equal(listed, want) {
		return fmt.Errorf("listed are %v, newest first are %v", listed, want)
	}
	return nil
}

func (w *world) noOrder(ctx context.Context, name string) error {
	listed, err := w.listOrders(ctx, name)
	if err == nil && len(listed) > 0 {
		err = fmt.Errorf("there are %d orders", len(listed))
	}
	return err
}
