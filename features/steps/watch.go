package steps

import (
	"context"
	"errors"
	"fmt"
	"io"

	depotv1 "mallbots.example/api/mallbots/depot/v1"
	orderingv1 "mallbots.example/api/mallbots/ordering/v1"
)

func (w *world) watchSteps() {
	w.step(`^"([^"]*)" watches what becomes of the basket$`, w.watchOrder)
	w.step(`^"([^"]*)" has seen the order only go forward until it was (completed|rejected|canceled)$`, w.hasSeen)
	w.step(`^the robot "([^"]*)" looks out for work$`, w.watchLists)
	w.step(`^the robot "([^"]*)" is offered the list of "([^"]*)"$`, w.isOffered)
}

// watch is a stream that is open while other sentences come.
type watch struct {
	orders orderingv1.OrderingService_WatchOrderClient
	lists  depotv1.DepotService_WatchShoppingListsClient
}

// open gives a stream that is open until the scenario ends, at most.
func (w *world) open(ctx context.Context) context.Context {
	ctx, hangUp := context.WithTimeout(ctx, patience)
	w.hangUps = append(w.hangUps, hangUp)
	return ctx
}

// watchOrder begins before there is an order: it will have the id of the basket.
func (w *world) watchOrder(ctx context.Context, name string) error {
	s, err := w.shopper(name)
	if err != nil {
		return err
	}
	basketID, err := w.basketOf(ctx, s)
	if err != nil {
		return err
	}
	stream, err := w.ordering.WatchOrder(w.open(ctx), &orderingv1.WatchOrderRequest{Id: basketID})
	w.watches[name] = &watch{orders: stream}
	return err
}

// hasSeen reads the stream to its end, which comes by itself.
func (w *world) hasSeen(_ context.Context, name, status string) error {
	watch, err := lookUp(w.watches, "watch", name)
	if err != nil {
		return err
	}
	var last *orderingv1.Order
	for {
		resp, err := watch.orders.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if order := resp.GetOrder(); order.GetVersion() <= last.GetVersion() {
			return fmt.Errorf("after version %d (%v) came %d (%v)", last.GetVersion(), last.GetStatus(), order.GetVersion(), order.GetStatus())
		}
		last = resp.GetOrder()
	}
	if last.GetStatus() != statuses[status] {
		return fmt.Errorf("the last that was seen is %v", last.GetStatus())
	}
	return nil
}

func (w *world) watchLists(ctx context.Context, robot string) error {
	stream, err := w.depot.WatchShoppingLists(w.open(ctx), &depotv1.WatchShoppingListsRequest{})
	w.watches[robot] = &watch{lists: stream}
	return err
}

func (w *world) isOffered(_ context.Context, robot, name string) error {
	watch, err := lookUp(w.watches, "watch", robot)
	if err != nil {
		return err
	}
	orderID, err := w.orderOf(name)
	if err != nil {
		return err
	}
	for {
		resp, err := watch.lists.Recv()
		if err != nil {
			return err
		}
		if resp.GetShoppingList().GetOrderId() == orderID {
			return nil
		}
	}
}
