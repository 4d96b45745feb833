package steps

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	storesv1 "mallbots.example/api/mallbots/stores/v1"
)

func (w *world) productSteps() {
	w.step(`^"([^"]*)" adds "([^"]*)" for `+price+` with (-?\d+) in stock$`, w.addProduct)
	w.tries(`^"([^"]*)" tries to add "([^"]*)" for `+price+` with (-?\d+) in stock$`, w.addProduct)
	w.step(`^"([^"]*)" adds "([^"]*)" for `+price+` with unlimited stock$`, w.addUnlimited)
	w.step(`^"([^"]*)" adds "([^"]*)" under the number "([^"]*)"$`, w.addNumbered)
	w.tries(`^"([^"]*)" tries to add "([^"]*)" under the number "([^"]*)"$`, w.addNumbered)
	w.tries(`^somebody tries to add a product to a store that does not exist$`, w.addToNoStore)
	w.step(`^the product "([^"]*)" is now called "([^"]*)"$`, w.rebrandProduct)
	w.step(`^the product "([^"]*)" has been removed$`, w.removeProduct)
	w.step(`^the price of "([^"]*)" goes up to `+price+`$`, w.increasePrice)
	w.step(`^the price of "([^"]*)" goes down to `+price+`$`, w.decreasePrice)
	w.tries(`^somebody tries to increase the price of "([^"]*)" to `+price+`$`, w.increasePrice)
	w.tries(`^somebody tries to decrease the price of "([^"]*)" to `+price+`$`, w.decreasePrice)
	w.tries(`^somebody tries to (rename|raise the price of|lower the price of|restock|remove) "([^"]*)"$`, w.change)
	w.step(`^the catalog of "([^"]*)" shows "([^"]*)" for `+price+`$`, w.catalogShows)
	w.step(`^the catalog of "([^"]*)" does not show "([^"]*)"$`, w.catalogHides)
	w.step(`^"([^"]*)" can still be looked up, as a removed product$`, w.isRemoved)
}

func (w *world) add(ctx context.Context, store, product, price string, more func(req *storesv1.AddProductRequest)) error {
	id, err := w.store(store)
	if err != nil {
		return err
	}
	amount, err := money(price)
	if err != nil {
		return err
	}
	req := &storesv1.AddProductRequest{StoreId: id, Name: product, Price: amount}
	more(req)
	resp, err := w.stores.AddProduct(ctx, req)
	if err != nil {
		return err
	}
	w.productIDs[product] = resp.GetProduct().GetId()
	return nil
}

func (w *world) addProduct(ctx context.Context, store, product, price string, stock int64) error {
	return w.add(ctx, store, product, price, func(req *storesv1.AddProductRequest) { req.Stock = &stock })
}

func (w *world) addUnlimited(ctx context.Context, store, product, price string) error {
	return w.add(ctx, store, product, price, func(*storesv1.AddProductRequest) {})
}

func (w *world) addNumbered(ctx context.Context, store, product, sku string) error {
	return w.add(ctx, store, product, "1.00", func(req *storesv1.AddProductRequest) { req.Sku = sku })
}

func (w *world) addToNoStore(ctx context.Context) error {
	w.storeIDs["nowhere"] = uuid.NewString()
	return w.addProduct(ctx, "nowhere", "Something", "1.00", 1)
}

func (w *world) rebrandProduct(ctx context.Context, product, newName string) error {
	id, err := w.product(product)
	if err != nil {
		return err
	}
	if _, err := w.stores.RebrandProduct(ctx, &storesv1.RebrandProductRequest{Id: id, Name: newName, Description: "now called " + newName}); err != nil {
		return err
	}
	w.productIDs[newName] = id
	return nil
}

func (w *world) remove(ctx context.Context, product string) error {
	id, err := w.product(product)
	if err != nil {
		return err
	}
	_, err = w.stores.RemoveProduct(ctx, &storesv1.RemoveProductRequest{Id: id})
	return err
}

// removeProduct also waits until baskets know.
func (w *world) removeProduct(ctx context.Context, product string) error {
	id, err := w.product(product)
	if err != nil {
		return err
	}
	learned, err := w.basketsLearn(ctx, id, refusals["the product is removed"])
	if err != nil {
		return err
	}
	if err := w.remove(ctx, product); err != nil {
		return err
	}
	return learned(ctx)
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

// change does to a product whatever can be done to one.
func (w *world) change(ctx context.Context, what, product string) error {
	switch what {
	case "rename":
		return w.rebrandProduct(ctx, product, product+" II")
	case "raise the price of":
		return w.increasePrice(ctx, product, "99999.00")
	case "lower the price of":
		return w.decreasePrice(ctx, product, "0.00")
	case "restock":
		return w.adjustStock(ctx, product, 1)
	default:
		return w.remove(ctx, product)
	}
}

var errNotShown = errors.New("the catalog does not show it")

func (w *world) inCatalog(ctx context.Context, store, product string) (*storesv1.Product, error) {
	id, err := w.store(store)
	if err != nil {
		return nil, err
	}
	resp, err := w.stores.ListProducts(ctx, &storesv1.ListProductsRequest{StoreId: id, PageSize: 100})
	if err != nil {
		return nil, err
	}
	for _, p := range resp.GetProducts() {
		if p.GetName() == product {
			return p, nil
		}
	}
	return nil, errNotShown
}

func (w *world) catalogShows(ctx context.Context, store, product, price string) error {
	shown, err := w.inCatalog(ctx, store, product)
	if err != nil {
		return err
	}
	return costs("the price", shown.GetPrice(), price)
}

func (w *world) catalogHides(ctx context.Context, store, product string) error {
	switch shown, err := w.inCatalog(ctx, store, product); {
	case errors.Is(err, errNotShown):
		return nil
	case err != nil:
		return err
	default:
		return fmt.Errorf("the catalog shows %s", shown.GetName())
	}
}

func (w *world) isRemoved(ctx context.Context, product string) error {
	id, err := w.product(product)
	if err != nil {
		return err
	}
	resp, err := w.stores.GetProduct(ctx, &storesv1.GetProductRequest{Id: id})
	if err != nil {
		return err
	}
	if got := resp.GetProduct(); got.GetName() != product || !got.GetRemoved() {
		return fmt.Errorf("it is %s, removed: %v", got.GetName(), got.GetRemoved())
	}
	return nil
}
