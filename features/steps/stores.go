package steps

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/cucumber/godog"
	"github.com/google/uuid"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
)

func (w *world) storeSteps() {
	w.step(`^a store "([^"]*)" that sells$`, w.aStoreThatSells)
	w.step(`^a store "([^"]*)" that takes part$`, w.aStoreThatTakesPart)
	w.step(`^a store "([^"]*)" opens on the "([^"]*)"$`, w.openStore)
	w.tries(`^somebody tries to open a store "([^"]*)" on the "([^"]*)"$`, w.openStore)
	w.step(`^the store "([^"]*)" takes part$`, w.takesPart)
	w.tries(`^"([^"]*)" tries to take part$`, w.takesPart)
	w.step(`^the store "([^"]*)" no longer takes part$`, w.takesPartNoLonger)
	w.tries(`^"([^"]*)" tries to leave the mall$`, w.leave)
	w.step(`^the store "([^"]*)" takes part in the mall$`, func(ctx context.Context, name string) error { return w.checkPart(ctx, name, true) })
	w.step(`^the store "([^"]*)" does not take part in the mall$`, func(ctx context.Context, name string) error { return w.checkPart(ctx, name, false) })
	w.step(`^"([^"]*)" is now called "([^"]*)"$`, w.rebrandStore)
	w.tries(`^"([^"]*)" tries to call itself "([^"]*)"$`, w.rebrandStore)
	w.step(`^the mall shows a store "([^"]*)"$`, func(ctx context.Context, name string) error { return w.mallShows(ctx, name, false, true) })
	w.step(`^customers who look for open stores find "([^"]*)"$`, func(ctx context.Context, name string) error { return w.mallShows(ctx, name, true, true) })
	w.step(`^customers who look for open stores do not find "([^"]*)"$`, func(ctx context.Context, name string) error { return w.mallShows(ctx, name, true, false) })
}

func (w *world) openStore(ctx context.Context, name, location string) error {
	resp, err := w.stores.CreateStore(ctx, &storesv1.CreateStoreRequest{Name: name, Location: location})
	if err != nil {
		return err
	}
	w.storeIDs[name] = resp.GetStore().GetId()
	return nil
}

func (w *world) takesPart(ctx context.Context, name string) error {
	id, err := w.store(name)
	if err != nil {
		return err
	}
	_, err = w.stores.EnableParticipation(ctx, &storesv1.EnableParticipationRequest{Id: id})
	return err
}

func (w *world) aStoreThatTakesPart(ctx context.Context, name string) error {
	if err := w.openStore(ctx, name, "ground floor"); err != nil {
		return err
	}
	return w.takesPart(ctx, name)
}

func (w *world) aStoreThatSells(ctx context.Context, name string, products *godog.Table) error {
	if err := w.aStoreThatTakesPart(ctx, name); err != nil {
		return err
	}
	for _, row := range products.Rows[1:] {
		stock, err := strconv.ParseInt(row.Cells[2].Value, 10, 64)
		if err != nil {
			return err
		}
		if err := w.addProduct(ctx, name, row.Cells[0].Value, row.Cells[1].Value, stock); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) leave(ctx context.Context, name string) error {
	id, err := w.store(name)
	if err != nil {
		return err
	}
	_, err = w.stores.DisableParticipation(ctx, &storesv1.DisableParticipationRequest{Id: id})
	return err
}

// takesPartNoLonger also waits until baskets know.
func (w *world) takesPartNoLonger(ctx context.Context, name string) error {
	id, err := w.store(name)
	if err != nil {
		return err
	}
	var learn []func(context.Context) error
	for _, productID := range w.productIDs {
		resp, err := w.stores.GetProduct(ctx, &storesv1.GetProductRequest{Id: productID})
		if err != nil {
			return err
		}
		if resp.GetProduct().GetStoreId() != id {
			continue
		}
		learned, err := w.basketsLearn(ctx, productID, refusals["the store does not take part"])
		if err != nil {
			return err
		}
		learn = append(learn, learned)
	}
	if err := w.leave(ctx, name); err != nil {
		return err
	}
	for _, learned := range learn {
		if err := learned(ctx); err != nil {
			return err
		}
	}
	return nil
}

// basketsLearn is called before something becomes of a product, and gives what waits until baskets know and refuse it. They learn it by
// an event, and must have the product already: of one that they do not have they ask stores, and could hear of it later as it was before.
func (w *world) basketsLearn(ctx context.Context, productID string, want refusal) (learned func(context.Context) error, err error) {
	started, err := w.baskets.StartBasket(ctx, &basketsv1.StartBasketRequest{CustomerId: uuid.NewString()}) // of nobody in particular
	if err != nil {
		return nil, err
	}
	put := func(ctx context.Context) error {
		_, err := w.baskets.AddItem(ctx, &basketsv1.AddItemRequest{BasketId: started.GetBasket().GetId(), ProductId: productID, Quantity: 1})
		return err
	}
	return func(ctx context.Context) error {
		return eventually(ctx, func(ctx context.Context) error { return expect(put(ctx), want) })
	}, put(ctx)
}

func (w *world) checkPart(ctx context.Context, name string, want bool) error {
	id, err := w.store(name)
	if err != nil {
		return err
	}
	resp, err := w.stores.GetStore(ctx, &storesv1.GetStoreRequest{Id: id})
	if err != nil {
		return err
	}
	if got := resp.GetStore().GetParticipating(); got != want {
		return fmt.Errorf("it takes part: %v", got)
	}
	return nil
}

func (w *world) rebrandStore(ctx context.Context, name, newName string) error {
	id, err := w.store(name)
	if err != nil {
		return err
	}
	if _, err = w.stores.RebrandStore(ctx, &storesv1.RebrandStoreRequest{Id: id, Name: newName}); err != nil {
		return err
	}
	w.storeIDs[newName] = id
	return nil
}

func (w *world) mallShows(ctx context.Context, name string, openOnly, want bool) error {
	id, err := w.store(name)
	if err != nil {
		return err
	}
	shown := false
	req := &storesv1.ListStoresRequest{PageSize: 100, ParticipatingOnly: openOnly}
	for {
		resp, err := w.stores.ListStores(ctx, req)
		if err != nil {
			return err
		}
		shown = shown || slices.ContainsFunc(resp.GetStores(), func(s *storesv1.Store) bool { return s.GetId() == id && s.GetName() == name })
		if req.PageToken = resp.GetNextPageToken(); req.PageToken == "" {
			break
		}
	}
	if shown != want {
		return fmt.Errorf("the mall shows the store %q: %v", name, shown)
	}
	return nil
}
