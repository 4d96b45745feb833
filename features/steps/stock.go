package steps

import (
	"context"
	"fmt"

	storesv1 "mallbots.example/api/mallbots/stores/v1"
)

func (w *world) stockSteps() {
	w.step(`^the stock of "([^"]*)" is (\d+)$`, w.stockIs)
	w.step(`^the stock of "([^"]*)" is unlimited$`, w.stockIsUnlimited)
	w.step(`^(\d+) more "([^"]*)" arrive$`, func(ctx context.Context, pieces int64, product string) error {
		return w.adjustStock(ctx, product, pieces)
	})
	w.step(`^(\d+) "([^"]*)" are taken off the shelf$`, func(ctx context.Context, pieces int64, product string) error {
		return w.adjustStock(ctx, product, -pieces)
	})
	w.tries(`^somebody tries to take (\d+) "([^"]*)" off the shelf$`, func(ctx context.Context, pieces int64, product string) error {
		return w.adjustStock(ctx, product, -pieces)
	})
}

func (w *world) adjustStock(ctx context.Context, product string, delta int64) error {
	id, err := w.product(product)
	if err != nil {
		return err
	}
	_, err = w.stores.AdjustStock(ctx, &storesv1.AdjustStockRequest{ProductId: id, Delta: delta})
	return err
}

func (w *world) checkStock(ctx context.Context, product string, wrong func(p *storesv1.Product) error) error {
	id, err := w.product(product)
	if err != nil {
		return err
	}
	return eventually(ctx, func(ctx context.Context) error {
		resp, err := w.stores.GetProduct(ctx, &storesv1.GetProductRequest{Id: id})
		if err != nil {
			return err
		}
		return wrong(resp.GetProduct())
	})
}

// stockIs waits: what a rejected order held is given back a moment later.
func (w *world) stockIs(ctx context.Context, product string, want int64) error {
	return w.checkStock(ctx, product, func(p *storesv1.Product) error {
		if p.AvailableStock == nil || p.GetAvailableStock() != want {
			return fmt.Errorf("the stock is %d, not %d", p.GetAvailableStock(), want)
		}
		return nil
	})
}

func (w *world) stockIsUnlimited(ctx context.Context, product string) error {
	return w.checkStock(ctx, product, func(p *storesv1.Product) error {
		if p.AvailableStock != nil {
			return fmt.Errorf("the stock is %d", p.GetAvailableStock())
		}
		return nil
	})
}
