package steps

import (
	"context"
	"fmt"
	"strconv"

	"github.com/cucumber/godog"
	"github.com/google/uuid"

	basketsv1 "mallbots.example/api/mallbots/baskets/v1"
	storesv1 "mallbots.example/api/mallbots/stores/v1"
)

func (w *world) storeSteps(sc *godog.ScenarioContext) {
	sc.Step(`^a store "([^"]*)" that sells$`, w.aStoreThatSells)
	sc.Step(`^a store "([^"]*)" that takes part$`, w.aStoreThatTakesPart)
	sc.Step(`^a store "([^"]*)" opens on the "([^"]*)"$`, w.openStore)
	sc.Step(`^somebody tries to open a store "([^"]*)" on the "([^"]*)"$`, w.triesToOpenStore)
	sc.Step(`^the store "([^"]*)" takes part$`, w.takesPart)
	sc.Step(`^"([^"]*)" tries to take part again$`, w.triesToTakePart)
	sc.Step(`^the store "([^"]*)" no longer takes part$`, w.takesPartNoLonger)
	sc.Step(`^the store "([^"]*)" takes part in the mall$`, func(ctx context.Context, name string) error { return w.checkPart(ctx, name, true) })
	sc.Step(`^the store "([^"]*)" does not take part in the mall$`, func(ctx context.Context, name string) error { return w.checkPart(ctx, name, false) })
	sc.Step(`^"([^"]*)" is now called "([^"]*)"$`, w.rebrandStore)
	sc.Step(`^the mall shows a store "([^"]*)"$`, w.mallShowsStore)
	sc.Step(`^"([^"]*)" adds "([^"]*)" for (-?[0-9.]+) with (-?\d+) in stock$`, w.addProduct)
	sc.Step(`^"([^"]*)" tries to add "([^"]*)" for (-?[0-9.]+) with (-?\d+) in stock$`, w.triesToAddProduct)
	sc.Step(`^somebody tries to add a product to a store that does not exist$`, w.triesToAddToNoStore)
	sc.Step(`^the product "([^"]*)" has been removed$`, w.removeProduct)
	sc.Step(`^the price of "([^"]*)" goes up to ([0-9.]+)$`, w.increasePrice)
	sc.Step(`^the price of "([^"]*)" goes down to ([0-9.]+)$`, w.decreasePrice)
	sc.Step(`^somebody tries to increase the price of "([^"]*)" to ([0-9.]+)$`, func(ctx context.Context, product, price string) error {
		w.try(w.increasePrice(ctx, product, price))
		return nil
	})
	sc.Step(`^somebody tries to decrease the price of "([^"]*)" to ([0-9.]+)$`, func(ctx context.Context, product, price string) error {
		w.try(w.decreasePrice(ctx, product, price))
		return nil
	})
	sc.Step(`^the catalog of "([^"]*)" shows "([^"]*)" for ([0-9.]+)$`, w.catalogShows)
	sc.Step(`^the stock of "([^"]*)" is (\d+)$`, w.stockIs)
}

func (w *world) openStore(ctx context.Context, name, location string) error {
	resp, err := w.stores.CreateStore(ctx, &storesv1.CreateStoreRequest{Name: name, Location: location})
	if err != nil {
		return err
	}
	w.storeIDs[name] = resp.GetStore().GetId()
	return nil
}

func (w *world) triesToOpenStore(ctx context.Context, name, location string) error {
	w.try(w.openStore(ctx, name, location))
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

func (w *world) triesToTakePart(ctx context.Context, name string) error {
	w.try(w.takesPart(ctx, name))
	return nil
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

// takesPartNoLonger also waits until baskets know: they learn it by an event.
func (w *world) takesPartNoLonger(ctx context.Context, name string) error {
	id, err := w.store(name)
	if err != nil {
		return err
	}
	if _, err = w.stores.DisableParticipation(ctx, &storesv1.DisableParticipationRequest{Id: id}); err != nil {
		return err
	}
	for _, productID := range w.productIDs {
		resp, err := w.stores.GetProduct(ctx, &storesv1.GetProductRequest{Id: productID})
		if err != nil {
			return err
		}
		if resp.GetProduct().GetStoreId() != id {
			continue
		}
		if err := w.untilRefusedInBaskets(ctx, productID, refusals["the store does not take part"]); err != nil {
			return err
		}
	}
	return nil
}

// untilRefusedInBaskets waits until a basket of nobody in particular refuses a product.
func (w *world) untilRefusedInBaskets(ctx context.Context, productID string, want refusal) error {
	started, err := w.baskets.StartBasket(ctx, &basketsv1.StartBasketRequest{CustomerId: uuid.NewString()})
	if err != nil {
		return err
	}
	return eventually(ctx, func(ctx context.Context) error {
		_, err := w.baskets.AddItem(ctx, &basketsv1.AddItemRequest{BasketId: started.GetBasket().GetId(), ProductId: productID, Quantity: 1})
		return expect(err, want)
	})
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
	_, err = w.stores.RebrandStore(ctx, &storesv1.RebrandStoreRequest{Id: id, Name: newName})
	w.storeIDs[newName] = id
	return err
}

func (w *world) mallShowsStore(ctx context.Context, name string) error {
	id, err := w.store(name)
	if err != nil {
		return err
	}
	req := &storesv1.ListStoresRequest{PageSize: 100}
	for {
		resp, err := w.stores.ListStores(ctx, req)
		if err != nil {
			return err
		}
		for _, store := range resp.GetStores() {
			if store.GetId() == id && store.GetName() == name {
				return nil
			}
		}
		if req.PageToken = resp.GetNextPageToken(); req.PageToken == "" {
			return fmt.Errorf("the mall shows no store %q", name)
		}
	}
}

func (w *world) addProduct(ctx context.Context, store, product, price string, stock int64) error {
	id, err := w.store(store)
	if err != nil {
		return err
	}
	amount, err := money(price)
	if err != nil {
		return err
	}
	resp, err := w.stores.AddProduct(ctx, &storesv1.AddProductRequest{StoreId: id, Name: product, Price: amount, Stock: &stock})
	if err != nil {
		return err
	}
	w.productIDs[product] = resp.GetProduct().GetId()
	return nil
}

func (w *world) triesToAddProduct(ctx context.Context, store, product, price string, stock int64) error {
	w.try(w.addProduct(ctx, store, product, price, stock))
	return nil
}

func (w *world) triesToAddToNoStore(ctx context.Context) error {
	w.storeIDs["nowhere"] = uuid.NewString()
	w.try(w.addProduct(ctx, "nowhere", "Something", "1.00", 1))
	return nil
}

// removeProduct also waits until baskets know.
func (w *world) removeProduct(ctx context.Context, product string) error {
	id, err := w.product(product)
	if err != nil {
		return err
	}
	if _, err = w.stores.RemoveProduct(ctx, &storesv1.RemoveProductRequest{Id: id}); err != nil {
		return err
	}
	return w.untilRefusedInBaskets(ctx, id, refusals["the product is removed"])
}

func (w *world) increasePrice(ctx context.Context, product, price string) error {
	id, err := w.product(product)
	if err != nil {
		return err
	}
	amount, err := money(price)
	if err != nil {
		return err
	}
	_, err = w.stores.IncreaseProductPrice(ctx, &storesv1.IncreaseProductPriceRequest{Id: id, Price: amount})
	return err
}

func (w *world) decreasePrice(ctx context.Context, product, price string) error {
	id, err := w.product(product)
	if err != nil {
		return err
	}
	amount, err := money(price)
	if err != nil {
		return err
	}
	_, err = w.stores.DecreaseProductPrice(ctx, &storesv1.DecreaseProductPriceRequest{Id: id, Price: amount})
	return err
}

func (w *world) catalogShows(ctx context.Context, store, product, price string) error {
	id, err := w.store(store)
	if err != nil {
		return err
	}
	resp, err := w.stores.ListProducts(ctx, &storesv1.ListProductsRequest{StoreId: id})
	if err != nil {
		return err
	}
	for _, p := range resp.GetProducts() {
		if p.GetName() == product {
			return costs("the price", p.GetPrice(), price)
		}
	}
	return fmt.Errorf("the catalog shows no %q", product)
}

// stockIs waits: what a rejected order held is given back a moment later.
func (w *world) stockIs(ctx context.Context, product string, want int64) error {
	id, err := w.product(product)
	if err != nil {
		return err
	}
	return eventually(ctx, func(ctx context.Context) error {
		resp, err := w.stores.GetProduct(ctx, &storesv1.GetProductRequest{Id: id})
		if err != nil {
			return err
		}
		if got := resp.GetProduct().GetAvailableStock(); got != want {
			return fmt.Errorf("the stock is %d, not %d", got, want)
		}
		return nil
	})
}
