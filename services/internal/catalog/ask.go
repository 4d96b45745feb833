package catalog

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	storesv1 "mallbots.example/api/mallbots/stores/v1"
	"mallbots.example/pkg/fault"
	"mallbots.example/pkg/rpc"
)

// maxAsking calls are under way at once for one caller. Few are ever needed, since events bring nearly all; a basket of a hundred
// products that none has brought must neither take a hundred round trips one after the other nor flood stores.
const maxAsking = 8

// askAll asks for each of ids and gives the answers in the order of ids. The first error ends it.
func askAll[T any](ctx context.Context, ids []string, ask func(context.Context, string) (T, error)) ([]T, error) {
	answers := make([]T, len(ids))
	asking, ctx := errgroup.WithContext(ctx)
	asking.SetLimit(maxAsking)
	for i, id := range ids {
		asking.Go(func() (err error) {
			answers[i], err = ask(ctx, id)
			return err
		})
	}
	return answers, asking.Wait()
}

func (c *Catalog) askProduct(ctx context.Context, id string) (Product, error) {
	resp, err := c.stores.GetProduct(ctx, &storesv1.GetProductRequest{Id: id})
	if err != nil {
		return Product{}, unknown(err, productNotFound(id))
	}
	return productOf(resp.GetProduct())
}

func (c *Catalog) askStore(ctx context.Context, id string) (Store, error) {
	resp, err := c.stores.GetStore(ctx, &storesv1.GetStoreRequest{Id: id})
	if err != nil {
		return Store{}, unknown(err, storeNotFound(id))
	}
	return storeOf(resp.GetStore())
}

// unknown gives notFound when stores does not know the id, or says that it can't be one; every other error is no answer, and stays what
// it is.
func unknown(err, notFound error) error {
	if refusal, ok := fault.As(rpc.FromStatus(err)); ok && (refusal.Kind == fault.NotFound || refusal.Kind == fault.Invalid) {
		return notFound
	}
	return fmt.Errorf("asking stores: %w", err)
}
